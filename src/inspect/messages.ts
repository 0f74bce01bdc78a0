import * as z from 'zod';

/**
 * What the host and a viewer say to each other: JSON text over a WebSocket, one message a frame. Those that
 * `@xstate/inspect` has are as that package has them, so that anything which speaks it can look on; the others have
 * names that its receivers let through.
 */

/** Unix time in milliseconds. */
const time = z.number();
/** Of a sidecar: its name, unique within a host. */
const sessionId = z.string();
const count = z.int().nonnegative();
const anything = z.looseObject({});

/** JSON within JSON, as `@xstate/inspect` has it. */
const json = z.string();

/** Longer names and payloads are nobody's. In characters. */
const MOST_NAME = 200;
const MOST_EVENT = 8192;

export const COMMANDS = ['START', 'STOP', 'RESTART', 'RELOAD'] as const;

/** A command by its name in the chart. */
export type Command = (typeof COMMANDS)[number];

/** Null where a command does something now; else why it does not, for people. */
const accepted = z.record(z.enum(COMMANDS), z.string().nullable());

/** A limit of what is used; null where there is none. */
const limit = z.number().nullable();
const limits = z.strictObject({ memoryMB: limit, cpuPercent: limit, fileDescriptors: limit });

/** A timer of the chart that runs in the state that was entered. */
const delay = z.strictObject({
  /** Its name in the chart: `backoff`. */
  name: z.string(),
  /** How long it runs, in milliseconds. */
  after: z.number(),
  /** When it runs out. */
  endsAt: time,
});

const transition = z.looseObject({
  /** Counts from 1 over the life of the sidecar. */
  sequence: z.int(),
  time,
  from: z.string().nullable(),
  to: z.string(),
  /** The type of the event. */
  event: z.string(),
  cause: z.looseObject({ type: z.string() }),
  generation: count,
  pid: z.int().nullable(),
  decision: anything.nullable(),
  /** The cause in words. */
  explanation: z.string(),
  delay: delay.nullable(),
  /** What the machine knew right after it, without secrets; null for those from before anybody looked on. */
  context: anything.nullable(),
});

const sample = z.strictObject({
  time,
  memoryMB: z.number(),
  cpuPercent: z.number(),
  fileDescriptors: z.number().nullable(),
});

const health = z.strictObject({
  time,
  /** In milliseconds. */
  latency: z.number(),
  healthy: z.boolean(),
  /** What was checked, and each check of several. */
  report: anything,
});

const line = z.strictObject({
  time,
  stream: z.enum(['stdout', 'stderr', 'compile']),
  line: z.string(),
  /** Of a line of JSON that another logger wrote: `debug`, `info`, `warn`, `error`. */
  level: z.string().nullable(),
  generation: count,
  pid: z.int().nullable(),
});

/** What the host sends. The host builds these; tests hold it to them. */
export const hostMessageSchema = z.discriminatedUnion('type', [
  /** The first of all. */
  z.strictObject({
    type: z.literal('service.hello'),
    /** Of this package. */
    version: z.string(),
    /** No command is taken. */
    readOnly: z.boolean(),
    /** Every event of the chart may be sent. */
    development: z.boolean(),
    title: z.string(),
  }),
  z.strictObject({
    type: z.literal('service.register'),
    /** The definition of the machine, as XState 4 parses it. */
    machine: json,
    /** As XState 4 has it. Its context has the configuration, too. */
    state: json,
    id: z.string(),
    sessionId,
  }),
  z.strictObject({ type: z.literal('service.event'), event: json, sessionId }),
  z.strictObject({ type: z.literal('service.state'), state: json, sessionId }),
  /** The sidecar was given up. */
  z.strictObject({ type: z.literal('service.stop'), sessionId }),
  /** Told on connect and when it changes, at most four times a second. */
  z.strictObject({
    type: z.literal('service.status'),
    sessionId,
    /** As `sidecar status --json` has it. */
    status: z.looseObject({ name: z.string(), state: z.string(), since: time.nullable() }),
    commands: accepted,
    /** The command line of the process. */
    command: z.string(),
    limits: z.strictObject({
      /** What is acted on. */
      max: limits,
      /** What is warned of. */
      soft: limits,
    }),
  }),
  z.strictObject({ type: z.literal('service.transition'), sessionId, transition }),
  sample.extend({ type: z.literal('service.sample'), sessionId }),
  health.extend({ type: z.literal('service.health'), sessionId }),
  /** At most ten times a second. */
  z.strictObject({
    type: z.literal('service.output'),
    sessionId,
    lines: z.array(line),
    /** So many lines before these were left out, as there were too many. */
    dropped: count,
  }),
  /** What was before the viewer came, oldest first. */
  z.strictObject({
    type: z.literal('service.recent'),
    sessionId,
    transitions: z.array(transition),
    samples: z.array(sample),
    healths: z.array(health),
    lines: z.array(line),
  }),
  z.strictObject({
    type: z.literal('service.what-if'),
    id: z.string(),
    /** As `Sidecar.whatIf()` answers. */
    answer: z.looseObject({ type: z.enum(['ignored', 'taken']), explanation: z.string() }),
  }),
  z.strictObject({
    type: z.literal('service.refused'),
    /** Of the question that is refused; null where it had none. */
    id: z.string().nullable(),
    /** For people. */
    reason: z.string(),
  }),
]);

/** What a viewer may send; anything else is refused. */
export const viewerMessageSchema = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('xstate.inspecting') }),
  z.looseObject({
    type: z.literal('xstate.event'),
    /** An event, or one that XState 4 has wrapped (`{ name, data }`). */
    event: z.string().max(MOST_EVENT),
    service: z.string().max(MOST_NAME),
  }),
  z.strictObject({
    type: z.literal('sidecar.what-if'),
    id: z.string().max(MOST_NAME),
    sessionId: z.string().max(MOST_NAME),
    event: z.looseObject({ type: z.string().max(MOST_NAME) }),
  }),
]);

export type HostMessage = z.infer<typeof hostMessageSchema>;
export type ViewerMessage = z.infer<typeof viewerMessageSchema>;
/** A message of the host by its type. */
export type HostMessageOf<Type extends HostMessage['type']> = Extract<HostMessage, { type: Type }>;

export type ShownTransition = z.infer<typeof transition>;
export type ShownSample = z.infer<typeof sample>;
export type ShownHealth = z.infer<typeof health>;
export type ShownLine = z.infer<typeof line>;
export type ShownDelay = z.infer<typeof delay>;
export type ShownLimits = z.infer<typeof limits>;
