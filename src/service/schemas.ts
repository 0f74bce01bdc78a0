import * as z from 'zod';

const COMMANDS = ['START', 'STOP', 'RESTART', 'RELOAD'] as const;
const DELAYS = [
  'startupTimeout',
  'stopTimeout',
  'killTimeout',
  'degradedTimeout',
  'stableAfter',
  'backoff',
] as const;

/** Most lines that are kept of each sidecar. */
const MOST_LINES = 1000;

const text = z.string().max(100);
/** As many as fit into a URL. */
const several = z.union([text, z.array(text).max(1000)]).optional();

export const nothing = z.strictObject({});
/** Of a request that says all in its path. */
export const noBody = nothing.nullish();

export const sidecarName = z.strictObject({
  name: text.describe('The name of a sidecar: `api`, or `api-2` where a fleet has several of it.'),
});

export const whatIfBody = z.discriminatedUnion('type', [
  z.strictObject({ type: z.enum([...COMMANDS, 'health.requested', 'client.requested']) }),
  z.strictObject({
    type: z.literal('after').describe('That a timer of the chart runs out.'),
    delay: z.enum(DELAYS),
  }),
]);

export const rolloutBody = z.strictObject({
  sidecar: text.describe('The key in the configuration: all instances of it.'),
  keepServing: z
    .int()
    .min(0)
    .max(1000)
    .exactOptional()
    .describe('So many instances serve at any time; by default all but one.'),
  how: z.enum(['restart', 'reload']).exactOptional().describe('`reload` compiles first; default `restart`.'),
});

export const sendBody = z.strictObject({ type: z.enum(COMMANDS) });

export const applyBody = z.strictObject({
  dryRun: z.boolean().default(false).describe('Only say what would be changed.'),
});

export const changesAnswer = z.strictObject({
  fleet: z.array(z.string()).describe('Settings of the fleet itself that differ.'),
  sidecars: z.array(
    z.strictObject({
      name: z.string(),
      change: z.enum(['added', 'removed', 'changed', 'unchanged']),
      paths: z.array(z.string()).describe('The settings that differ.'),
      effect: z.enum(['start', 'stop', 'restart', 'in-place', 'none']),
      alongWith: z.array(z.string()).describe('Those with which it is restarted, as `strategy` says.'),
    }),
  ),
});

export const eventsQuery = z.strictObject({
  sidecar: several.describe('Only those of these sidecars; may be given several times.'),
  type: several.describe('Only those of these types, such as `transition`, `output`, `sample`.'),
});

export const logsQuery = z.strictObject({
  lines: z.coerce.number().int().min(1).max(MOST_LINES).default(100).describe('How many lines at most.'),
});

const time = z.number().describe('Unix time in milliseconds.');

export const sidecarStatus = z.looseObject({
  name: z.string(),
  state: z.string(),
  since: time.nullable(),
  reason: z.string().nullable(),
  generation: z.int().describe('Counts the processes that were started, from 1.'),
  pid: z.int().nullable(),
  endpoint: z.looseObject({ transport: z.string() }).nullable(),
  health: z.looseObject({}),
  readiness: z.looseObject({ isReady: z.boolean() }),
  resources: z.looseObject({ memoryMB: z.number(), cpuPercent: z.number() }).nullable(),
  restarts: z.looseObject({ used: z.int(), max: z.int(), window: z.number() }),
});

export const serviceStatus = z.looseObject({
  pid: z.int().describe('Of the service itself.'),
  config: z.string().nullable().describe('The configuration file.'),
  startedAt: time,
  isStopping: z.boolean(),
  fleet: z.looseObject({ state: z.string() }).nullable().describe('Null for a single sidecar.'),
  sidecars: z.array(
    sidecarStatus.extend({
      key: z.string(),
      limits: z.strictObject({
        memoryMB: z.number().nullable().describe('In MiB.'),
        cpuPercent: z.number().nullable().describe('In percent of a core.'),
      }),
    }),
  ),
});

export const whyAnswer = z.strictObject({ why: z.string().describe('In sentences.') });

export const historyAnswer = z.strictObject({
  transitions: z.array(
    z.looseObject({
      sequence: z.int(),
      time,
      from: z.string().nullable(),
      to: z.string(),
      explanation: z.string().describe('Its cause, in words.'),
    }),
  ),
});

export const fleetHistoryAnswer = z.strictObject({
  events: z.array(
    z.strictObject({
      time,
      event: z.looseObject({ type: z.string() }),
      explanation: z.string().describe('What happened and why, in words.'),
    }),
  ),
});

export const healthAnswer = z.looseObject({
  state: z.string(),
  isHealthy: z.boolean(),
  isReady: z.boolean(),
  checks: z.array(z.looseObject({})),
});

export const whatIfAnswer = z.looseObject({ type: z.enum(['ignored', 'taken']), explanation: z.string() });

export const logsAnswer = z.strictObject({
  lines: z.array(z.strictObject({ time, source: z.enum(['compile', 'process']), line: z.string() })),
});

export const doneAnswer = z.strictObject({ done: z.literal(true) });

export const readyAnswer = z.strictObject({ ready: z.boolean(), notReady: z.array(z.string()) });

export const problemAnswer = z.strictObject({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe('What and why, for people.'),
});
