import type { SidecarContext } from './sidecar.types.js';
import { type DelayName, enteredAt } from './transition-record.js';

/** How long each timer of the chart runs, in milliseconds, by the context as it is on entry. */
export const delayTimes: Readonly<Record<DelayName, (context: SidecarContext) => number>> = {
  startupTimeout: ({ config }) => config.healthCheck.startupTimeout,
  degradedTimeout: ({ config }) => config.healthCheck.degradedTimeout,
  stableAfter: ({ config }) => config.process.stableAfter,
  backoff: ({ backoff }) => backoff?.delay ?? 0,
  // Both are what is left of the deadline: a STOP during a termination must not start the grace period anew.
  stopTimeout: untilDeadline,
  killTimeout: untilDeadline,
};

function untilDeadline(context: SidecarContext): number {
  return Math.max(0, (context.deadline ?? 0) - enteredAt(context));
}
