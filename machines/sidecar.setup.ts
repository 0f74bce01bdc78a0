import { fromCallback, setup } from 'xstate';
import type { ResolvedSidecarConfig } from '../src/config/schema.js';
import { callsForReplacement, countBreaches, standingBreach } from './resource-limits.js';
import { hasBudget } from './restart-policy.js';
import { delayTimes } from './sidecar.delays.js';
import type {
  CompileInput,
  HealthCommand,
  IncarnationInput,
  ProcessCommand,
  ProcessInput,
  SidecarContext,
  SidecarEmitted,
  SidecarEvent,
  SidecarInput,
} from './sidecar.types.js';
import { count, isFailing, isPassing } from './thresholds.js';
import { enteredAt } from './transition-record.js';

/** What the chart takes from the world outside. Tests and replays give their own. */
export interface SidecarChartSources {
  /**
   * Validates the input and fills in the defaults. What it throws becomes the error of the actor, before anything
   * was started.
   */
  readonly resolveConfig: (input: SidecarInput) => ResolvedSidecarConfig;
  /** Unix time in milliseconds, from a clock that never jumps. */
  readonly now: () => number;
  /** A number in [0, 1), for the jitter. */
  readonly random: () => number;
}

/** The chart's types, actors, guards (questions) and delays. Its actions are in `sidecar.actions.ts`. */
export function setupSidecar() {
  return setup({
    types: {
      context: {} as SidecarContext,
      events: {} as SidecarEvent,
      emitted: {} as SidecarEmitted,
      input: {} as SidecarInput,
      children: {} as { compile: 'compile'; process: 'process'; health: 'health'; resources: 'resources' },
    },
    actors: {
      compile: fromCallback<{ type: 'none' }, CompileInput>(notProvided('compile')),
      process: fromCallback<ProcessCommand, ProcessInput>(notProvided('process')),
      health: fromCallback<HealthCommand, IncarnationInput>(notProvided('health')),
      resources: fromCallback<{ type: 'none' }, IncarnationInput>(notProvided('resources')),
    },
    guards: {
      hasNoCompileStep: ({ context }) => context.config.compile === undefined,
      hasNoProcess: ({ context }) => hasNoProcess(context),
      isCurrent: ({ context, event }) => isCurrent(context, event),
      isStale: ({ context, event }) => !isCurrent(context, event),
      isPermanentFailure: ({ context, event }) =>
        event.type === 'process.failed' && isCurrent(context, event) && event.failure.permanent,
      leavesSurvivors: ({ context, event }) =>
        event.type === 'process.exited' && isCurrent(context, event) && event.survivors > 0,
      isBeingEnded: ({ context, event }) => context.deadline !== null && isCurrent(context, event),
      /** A process that is being ended has ended, with its whole group. */
      isEnded: ({ context, event }) =>
        context.deadline !== null && isCurrent(context, event) && isLastOfGroup(event),
      becomesHealthy: ({ context, event }) =>
        event.type === 'health.checked' &&
        isCurrent(context, event) &&
        isPassing(count(context.health, event.report.passed), context.config.healthCheck),
      becomesUnhealthy: ({ context, event }) =>
        event.type === 'health.checked' &&
        isCurrent(context, event) &&
        !callsForReplacement(context.trouble) &&
        isFailing(count(context.health, event.report.passed), context.config.healthCheck),
      /** A limit is broken that is graver than what is known. */
      breaksLimit: ({ context, event }) =>
        event.type === 'resources.sampled' && isCurrent(context, event) && isWorse(context, event),
      recovers: ({ context, event }) =>
        isCurrent(context, event) && context.trouble !== null && isWell(afterReport(context, event)),
      /** What called for a new process is over, but a limit that only degrades is still broken. */
      eases: ({ context, event }) =>
        isCurrent(context, event) &&
        callsForReplacement(context.trouble) &&
        isPassing(afterReport(context, event).health, context.config.healthCheck) &&
        standingBreach(afterReport(context, event))?.action === 'degrade',
      mustBeReplaced: ({ context }) => callsForReplacement(context.trouble),
      isAlive: ({ context }) => context.process?.exit === null,
      /** It was running when the reload began, or has recovered since, and nothing has shown otherwise. */
      isAliveAndWell: ({ context }) => context.process?.exit === null && context.trouble === null,
      /** There is a health actor: the process lives, and nobody is ending it. */
      isWatched: ({ context }) => context.process?.exit === null && context.deadline === null,
      mustCompile: ({ context }) => context.afterwards === 'compile',
      mustSpawn: ({ context }) => context.afterwards === 'spawn',
      mayRestart: ({ context }) => context.config.process.autoRestart,
      endedByItself: ({ context }) => context.trouble?.type === 'exited',
      // Without a timer: the shortest one of Node.js takes a millisecond.
      isDueAtOnce: ({ context }) => context.backoff?.delay === 0,
      hasBudget: ({ context }) => hasBudget(context.restarts, context.config.process, enteredAt(context)),
      isLazy: ({ context }) => context.config.lazy,
      /** It stopped for want of requests, so one may start it. */
      startsOnRequest: ({ context }) => context.reason === 'lazy' || context.reason === 'idle',
      mustStartAgain: ({ context }) => context.startAgain && hasNoProcess(context),
    },
    delays: {
      startupTimeout: ({ context }) => delayTimes.startupTimeout(context),
      degradedTimeout: ({ context }) => delayTimes.degradedTimeout(context),
      stableAfter: ({ context }) => delayTimes.stableAfter(context),
      backoff: ({ context }) => delayTimes.backoff(context),
      stopTimeout: ({ context }) => delayTimes.stopTimeout(context),
      killTimeout: ({ context }) => delayTimes.killTimeout(context),
    },
  });
}

/** An event that names an older incarnation or compilation says nothing about the present one. */
function isCurrent(context: SidecarContext, event: SidecarEvent): boolean {
  if ('generation' in event) return event.generation === context.generation;
  if ('compilation' in event) return event.compilation === context.compilation;
  return true;
}

function isLastOfGroup(event: SidecarEvent): boolean {
  if (event.type === 'process.exited') return event.survivors === 0;
  return event.type === 'process.failed' || event.type === 'process.emptied';
}

/** Neither a process nor one that was being started when its end was decided. */
function hasNoProcess({ process, deadline }: SidecarContext): boolean {
  return process === null && deadline === null;
}

type Counted = Pick<SidecarContext, 'config' | 'health' | 'resources'>;

function afterReport(context: SidecarContext, event: SidecarEvent): Counted {
  const { config, health, resources } = context;
  if (event.type === 'health.checked') {
    return { config, resources, health: { ...health, ...count(health, event.report.passed) } };
  }
  if (event.type === 'resources.sampled') {
    const counted = countBreaches(resources, event.sample, config.resources);
    return { config, health, resources: { ...resources, ...counted, last: event.sample } };
  }
  return context;
}

function isWorse(context: SidecarContext, event: SidecarEvent): boolean {
  const breach = standingBreach(afterReport(context, event));
  if (breach === null || callsForReplacement(context.trouble)) return false;
  return context.trouble === null || breach.action === 'restart';
}

function isWell(counted: Counted): boolean {
  return isPassing(counted.health, counted.config.healthCheck) && standingBreach(counted) === null;
}

function notProvided(actor: string) {
  return () => {
    throw new Error(`The "${actor}" actor is not provided: use sidecarMachine, or .provide({ actors }) one.`);
  };
}
