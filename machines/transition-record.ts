import { type ExitMeaning, meaningOfExit } from './exit-codes.js';
import { type Breach, standingBreach } from './resource-limits.js';
import type { Backoff } from './restart-policy.js';
import type {
  CompileFailure,
  Endpoint,
  HealthReport,
  Holder,
  ProcessExit,
  ResourceSample,
  SidecarCommand,
  SidecarContext,
  SidecarEvent,
  SidecarStateName,
  SpawnFailure,
  StopReason,
} from './sidecar.types.js';

const delayNames = [
  'startupTimeout',
  'stopTimeout',
  'killTimeout',
  'degradedTimeout',
  'stableAfter',
  'backoff',
] as const;

/** The delays of the chart, by their names in it. */
export type DelayName = (typeof delayNames)[number];

/** What made a transition happen, with what the guards looked at. Times are in milliseconds. */
export type TransitionCause =
  | { readonly type: 'created' }
  | { readonly type: 'command'; readonly command: SidecarCommand['type'] }
  | { readonly type: 'compiled'; readonly outcome: 'compiled' | 'skipped'; readonly duration: number }
  | { readonly type: 'compile-failed'; readonly failure: CompileFailure }
  | { readonly type: 'spawned'; readonly pid: number; readonly endpoint: Endpoint | null }
  | { readonly type: 'spawn-failed'; readonly failure: SpawnFailure }
  | {
      readonly type: 'exited';
      readonly exit: ProcessExit;
      readonly survivors: number;
      /** What its exit code stands for, where a convention tells. */
      readonly meaning: ExitMeaning | null;
    }
  | { readonly type: 'group-empty' }
  | { readonly type: 'taken'; readonly by: Holder | null }
  | { readonly type: 'healthy'; readonly report: HealthReport; readonly passes: number }
  | {
      readonly type: 'unhealthy';
      readonly report: HealthReport;
      readonly failures: number;
      readonly threshold: number;
      /** When the last of the failures in a row were found (up to 10), oldest first. */
      readonly failedAt: readonly number[];
    }
  | { readonly type: 'limit'; readonly breach: Breach }
  /** A request came. */
  | { readonly type: 'requested' }
  /** No request came for so long. */
  | { readonly type: 'unused'; readonly after: number }
  | { readonly type: 'within-limits'; readonly sample: ResourceSample }
  | {
      readonly type: 'timeout';
      readonly timeout: DelayName;
      readonly after: number;
      /** The last health report before the time was up. */
      readonly report: HealthReport | null;
    };

/** One transition of a sidecar, and why it was taken. */
export interface TransitionRecord {
  /** Counts from 1 over the life of the machine. */
  readonly sequence: number;
  /** Unix time in milliseconds, from a clock that never jumps. */
  readonly time: number;
  readonly from: SidecarStateName | null;
  readonly to: SidecarStateName;
  /** The event's type, as in the state × event matrix. */
  readonly event: string;
  readonly cause: TransitionCause;
  readonly generation: number;
  readonly pid: number | null;
  /** What was decided on the way in, where something was. */
  readonly decision: TransitionDecision | null;
}

export type TransitionDecision =
  | {
      readonly type: 'restart';
      /** This is restart `attempt` of `maxRestarts` within `restartWindow`. */
      readonly attempt: number;
      readonly maxRestarts: number;
      readonly restartWindow: number;
      /** The how manieth in a row this is: the exponent of the backoff, plus one. */
      readonly consecutive: number;
      readonly delay: number;
      /** How the delay was chosen. */
      readonly backoff: Backoff;
      readonly trouble: TransitionCause | null;
    }
  | { readonly type: 'stop'; readonly reason: StopReason; readonly trouble: TransitionCause | null };

/** How many transitions a sidecar remembers. */
export const HISTORY_LENGTH = 100;

/** The record of entering `to`, made from the context as it is on entry. */
export function recordTransition(
  context: SidecarContext,
  event: SidecarEvent,
  to: SidecarStateName,
  time: number,
): TransitionRecord {
  const previous = context.history.at(-1);
  return {
    sequence: (previous?.sequence ?? 0) + 1,
    time,
    from: previous?.to ?? null,
    to,
    event: eventName(event.type),
    cause: causeOf(context, event),
    generation: context.generation,
    pid: context.process?.pid ?? null,
    decision: decisionOn(context, to),
  };
}

export function lastRecord({ history }: Pick<SidecarContext, 'history'>): TransitionRecord {
  const record = history.at(-1);
  if (record === undefined) throw new Error('The chart is wrong: no transition was recorded.');
  return record;
}

/**
 * When the present state was entered: the time of everything that is decided on entry. So that a clock is read once a
 * transition, and the times of the records are all that a replay needs.
 */
export function enteredAt(context: Pick<SidecarContext, 'history'>): number {
  return lastRecord(context).time;
}

/** What an event means as a cause, by the context after it was counted. */
export function causeOf(context: SidecarContext, event: SidecarEvent): TransitionCause {
  switch (event.type) {
    case 'START':
    case 'STOP':
    case 'RESTART':
    case 'RELOAD':
      return { type: 'command', command: event.type };
    case 'compile.done':
      return { type: 'compiled', outcome: event.outcome, duration: event.duration };
    case 'compile.failed':
      return { type: 'compile-failed', failure: event.failure };
    case 'process.spawned':
      return { type: 'spawned', pid: event.pid, endpoint: event.endpoint };
    case 'process.failed':
      return { type: 'spawn-failed', failure: event.failure };
    case 'process.exited':
      return exitedCause(context, event);
    case 'process.emptied':
      return { type: 'group-empty' };
    case 'process.taken':
      return { type: 'taken', by: event.by };
    case 'health.checked':
      return healthCause(context, event.report);
    case 'resources.sampled':
      return resourceCause(context, event.sample);
    case 'client.requested':
      return { type: 'requested' };
    case 'client.idle':
      return { type: 'unused', after: context.config.idleTimeout ?? 0 };
    default:
      return timeoutCause(context, event.type);
  }
}

function exitedCause(
  { config }: SidecarContext,
  { exit, survivors }: Extract<SidecarEvent, { type: 'process.exited' }>,
): TransitionCause {
  return { type: 'exited', exit, survivors, meaning: meaningOfExit(exit, config.process.command) };
}

function healthCause({ health, config }: SidecarContext, report: HealthReport): TransitionCause {
  if (report.passed) return { type: 'healthy', report, passes: health.passes };
  const threshold = config.healthCheck.failureThreshold;
  const { failures, failedAt } = health;
  return { type: 'unhealthy', report, failures, threshold, failedAt };
}

function resourceCause(context: SidecarContext, sample: ResourceSample): TransitionCause {
  const breach = standingBreach(context);
  return breach === null ? { type: 'within-limits', sample } : { type: 'limit', breach };
}

function timeoutCause({ config, health, backoff }: SidecarContext, eventType: string): TransitionCause {
  const { process, healthCheck } = config;
  const timedOut = (timeout: DelayName, after: number): TransitionCause => ({
    type: 'timeout',
    timeout,
    after,
    report: health.last,
  });
  switch (delayOf(eventType)) {
    case 'startupTimeout':
      return timedOut('startupTimeout', healthCheck.startupTimeout);
    case 'degradedTimeout':
      return timedOut('degradedTimeout', healthCheck.degradedTimeout);
    case 'stopTimeout':
      return timedOut('stopTimeout', process.stopTimeout);
    case 'killTimeout':
      return timedOut('killTimeout', process.killTimeout);
    case 'backoff':
      return timedOut('backoff', backoff?.delay ?? 0);
    default:
      return { type: 'created' };
  }
}

function decisionOn(context: SidecarContext, to: SidecarStateName): TransitionDecision | null {
  const { config, reason, restarts, consecutiveRestarts, backoff, trouble } = context;
  if (to === 'stopped' && reason !== null) return { type: 'stop', reason, trouble };
  if (to !== 'restarting.backingOff' || backoff === null) return null;
  const { maxRestarts, restartWindow } = config.process;
  const attempt = restarts.length;
  return {
    type: 'restart',
    attempt,
    maxRestarts,
    restartWindow,
    consecutive: consecutiveRestarts,
    delay: backoff.delay,
    backoff,
    trouble,
  };
}

/** `xstate.after.stopTimeout.sidecar.stopping.terminating` → `after stopTimeout`; others as they are. */
function eventName(type: string): string {
  const delay = delayOf(type);
  return delay === null ? type : `after ${delay}`;
}

/** The delay whose end an event of XState's tells. */
export function delayOf(eventType: string): DelayName | null {
  const name = /^xstate\.after\.([^.]+)\./.exec(eventType)?.[1];
  return delayNames.find((each) => each === name) ?? null;
}
