import { initialTransition } from 'xstate';
import type { ResolvedSidecarConfig } from '../src/config/schema.js';
import { duration, explainBackoff, explainTransition } from './explain.js';
import type { SidecarContext, SidecarEvent, SidecarStateName } from './sidecar.types.js';
import {
  type SidecarChart,
  type SidecarSnapshot,
  type SidecarTimeout,
  type Step,
  stateNameOf,
  takeStep,
} from './step.js';
import { delayOf, type TransitionRecord } from './transition-record.js';

/** What may be asked: a command, a report of an actor, or that a timer of the chart runs out. */
export type WhatIfEvent = SidecarEvent | SidecarTimeout;

/** What the machine would do. */
export type WhatIf =
  | {
      readonly type: 'ignored';
      readonly state: SidecarStateName;
      /** Why, in words. */
      readonly explanation: string;
    }
  | {
      readonly type: 'taken';
      readonly from: SidecarStateName;
      /** Where it would rest. */
      readonly to: SidecarStateName;
      /** Each transition on the way, as the history would have it; none when it stays where it is. */
      readonly transitions: readonly TransitionRecord[];
      /** The same in words. */
      readonly explanation: string;
      /** What would be done, in words: `starts a process`, `waits 4.1 s before the next try (…)`. */
      readonly actions: readonly string[];
    };

/** What a machine that is like this would do on an event. Pure: nothing is done, and nobody is told. */
export function whatIf(chart: SidecarChart, snapshot: SidecarSnapshot, event: WhatIfEvent): WhatIf {
  if (snapshot.status !== 'active') return ignored(stateNameOf(snapshot), 'it was given up');
  return answer(snapshot, takeStep(chart, snapshot, event), event);
}

/** The same before it was ever started: a command starts it, a request one that is lazy. */
export function whatIfNotStarted(
  chart: SidecarChart,
  config: ResolvedSidecarConfig,
  event: WhatIfEvent,
): WhatIf {
  const isStart = event.type === 'START' || event.type === 'RESTART';
  if (!isStart && !(config.lazy && event.type === 'client.requested')) {
    return ignored('stopped', 'it was never started');
  }
  const [snapshot, actions] = initialTransition(chart, config);
  if (config.lazy) return answer(snapshot, takeStep(chart, snapshot, event), event);
  const { history } = snapshot.context;
  return {
    type: 'taken',
    from: 'stopped',
    to: stateNameOf(snapshot),
    transitions: history,
    explanation: explain(history, stateNameOf(snapshot)),
    actions: actions.flatMap((action) => wordsOf(action, snapshot.context)),
  };
}

function answer(before: SidecarSnapshot, { snapshot, actions }: Step, event: WhatIfEvent): WhatIf {
  const state = stateNameOf(before);
  if (snapshot.context === before.context && actions.length === 0) {
    return ignored(state, explainIgnored(before.context, state, event));
  }
  const last = before.context.history.at(-1)?.sequence ?? 0;
  const transitions = snapshot.context.history.filter(({ sequence }) => sequence > last);
  const words = actions.flatMap((action) => wordsOf(action, snapshot.context));
  return {
    type: 'taken',
    from: state,
    to: stateNameOf(snapshot),
    transitions,
    explanation: explain(transitions, state),
    actions: [...words, ...changes(before.context, snapshot.context)],
  };
}

function ignored(state: SidecarStateName, explanation: string): WhatIf {
  return { type: 'ignored', state, explanation };
}

function explainIgnored(context: SidecarContext, state: SidecarStateName, event: WhatIfEvent): string {
  if ('generation' in event && event.generation !== context.generation) {
    return `it is about process ${event.generation}, and the present one is ${context.generation}`;
  }
  if ('compilation' in event && event.compilation !== context.compilation) {
    return `it is about compilation ${event.compilation}, and the present one is ${context.compilation}`;
  }
  const name = event.type === 'after' ? `the end of ${event.delay}` : event.type;
  return `${name} means nothing in ${state}`;
}

function explain(transitions: readonly TransitionRecord[], state: SidecarStateName): string {
  if (transitions.length === 0) return `it stays in ${state}`;
  return transitions.map((record) => `${record.to}: ${explainTransition(record)}`).join('; ');
}

type Action = Step['actions'][number];

/** What an action does, in words; nothing for those that only tell or tidy up. */
function wordsOf(action: Action, context: SidecarContext): string[] {
  switch (action.type) {
    case 'xstate.spawnChild':
      return wordsOfStart(action.params.id, context);
    case 'xstate.sendTo':
      return wordsOfOrder(action.params.event.type, context);
    case 'xstate.raise': {
      const { event, delay = 0 } = action.params;
      return wordsOfWait(event.type, delay, context);
    }
    default:
      return [];
  }
}

function wordsOfStart(child: string, { config }: SidecarContext): string[] {
  switch (child) {
    case 'compile':
      return config.compile === undefined ? [] : [`compiles with ${config.compile.command}`];
    case 'health':
      return ['begins to check its health'];
    case 'resources':
      return ['begins to watch what it uses'];
    default:
      return [];
  }
}

function wordsOfOrder(order: string, { config, process, generation }: SidecarContext): string[] {
  const group =
    process === null ? 'the process that is being started' : `process ${process.pid} and its group`;
  switch (order) {
    case 'process.spawn':
      return [`starts ${config.process.command} as process number ${generation}`];
    case 'process.terminate':
      return [`asks ${group} to end (${config.process.stopSignal})`];
    case 'process.kill':
      return [`kills ${group} (SIGKILL)`];
    case 'health.check':
      return ['checks its health now'];
    default:
      return [];
  }
}

function wordsOfWait(event: string, delay: number, { backoff }: SidecarContext): string[] {
  switch (delayOf(event)) {
    case 'startupTimeout':
      return [`waits up to ${duration(delay)} until it is healthy`];
    case 'degradedTimeout':
      return [`waits up to ${duration(delay)} for it to recover`];
    case 'stopTimeout':
      return [`waits up to ${duration(delay)} for its end, then kills it`];
    case 'killTimeout':
      return [`waits up to ${duration(delay)} for its end, then gives it up`];
    case 'stableAfter':
      return [`fills the restart budget up once it has run for ${duration(delay)}`];
    case 'backoff':
      return backoff === null
        ? []
        : [`waits ${duration(delay)} before the next try (${explainBackoff(backoff)})`];
    default:
      return [];
  }
}

/** What would be remembered differently. */
function changes(before: SidecarContext, after: SidecarContext): string[] {
  const { failures, passes } = after.health;
  return [
    ...(after.startAgain && !before.startAgain ? ['starts it again once it is stopped'] : []),
    ...(before.startAgain && !after.startAgain && after.reason !== null ? ['no longer starts it again'] : []),
    ...(after.afterwards === 'compile' && before.afterwards !== 'compile'
      ? ['compiles and starts it once nothing of it is left']
      : []),
    ...(after.restarts.length < before.restarts.length ? ['forgets the restarts that counted'] : []),
    ...(failures > before.health.failures ? [`counts ${failures} failed in a row`] : []),
    ...(passes > before.health.passes ? [`counts ${passes} passed in a row`] : []),
    ...(after.readiness.isReady && !before.readiness.isReady ? ['lets requests through'] : []),
    ...(before.readiness.isReady && !after.readiness.isReady ? ['makes requests wait'] : []),
  ];
}
