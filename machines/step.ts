import {
  type ActorLogic,
  createActor,
  type ExecutableActionsFrom,
  type SnapshotFrom,
  transition,
} from 'xstate';
import type { createSidecarChart } from './sidecar.js';
import type {
  SidecarContext,
  SidecarEmitted,
  SidecarEvent,
  SidecarInput,
  SidecarStateName,
} from './sidecar.types.js';
import { type DelayName, delayOf, lastRecord } from './transition-record.js';

export type SidecarChart = ReturnType<typeof createSidecarChart>;
export type SidecarSnapshot = SnapshotFrom<SidecarChart>;

/** A timer of the chart has run out. */
export interface SidecarTimeout {
  readonly type: 'after';
  readonly delay: DelayName;
}

/** What follows from an event, and what would be done about it. Nothing is done: no actor is touched. */
export interface Step {
  readonly snapshot: SidecarSnapshot;
  readonly actions: readonly ExecutableActionsFrom<SidecarChart>[];
}

/** Takes one step of a chart by XState's pure `transition`. */
export function takeStep(
  chart: SidecarChart,
  snapshot: SidecarSnapshot,
  event: SidecarEvent | SidecarTimeout,
): Step {
  const [next, actions] = transition(stepping(chart, snapshot), snapshot, chartEvent(snapshot, event));
  return { snapshot: next, actions };
}

/** The snapshot that a chart begins with; its configuration is resolved from no input. */
export function firstSnapshot(chart: SidecarChart): SidecarSnapshot {
  return createActor(chart, { input: undefined }).getSnapshot();
}

/** The leaf that a snapshot rests in. */
export function stateNameOf({ context }: Pick<SidecarSnapshot, 'context'>): SidecarStateName {
  return lastRecord(context).to;
}

/** What a timer that runs out looks like to who writes events down; null for any other event. */
export function timeoutOf({ type }: { readonly type: string }): SidecarTimeout | null {
  const delay = delayOf(type);
  return delay === null ? null : { type: 'after', delay };
}

/** A snapshot of a chart at rest in a state, as if it had come there by itself. */
export function snapshotAt(
  chart: SidecarChart,
  state: SidecarStateName,
  context: SidecarContext,
): SidecarSnapshot {
  const [outer, inner] = state.split('.');
  const child = (src: string) => ({
    src,
    syncSnapshot: false,
    snapshot: { status: 'active', context: undefined },
  });
  const persisted = {
    status: 'active' as const,
    output: undefined,
    error: undefined,
    value: inner === undefined || outer === undefined ? state : { [outer]: inner },
    historyValue: {},
    context,
    // Those that the chart may want to tell something.
    children: { process: child('process'), health: child('health'), resources: child('resources') },
  };
  return createActor(chart, { snapshot: persisted }).getSnapshot();
}

type System = Parameters<SidecarChart['transition']>[2]['system'];

/**
 * The chart as XState's `transition` needs it. That makes an actor of it first, to be the scope of the step: its first
 * snapshot is given here, so that no clock is read and no configuration resolved for it.
 */
function stepping(chart: SidecarChart, snapshot: SidecarSnapshot) {
  const logic: ActorLogic<SidecarSnapshot, SidecarEvent, SidecarInput, System, SidecarEmitted> = {
    getInitialSnapshot: () => snapshot,
    transition: (from, event, scope) => chart.transition(from, event, scope),
    getPersistedSnapshot: (from) => from,
  };
  return logic;
}

function chartEvent(snapshot: SidecarSnapshot, event: SidecarEvent | SidecarTimeout): SidecarEvent {
  if (event.type !== 'after') return event;
  // The name that XState gives to it; it is none of the events that the chart's type lists.
  const type: string = `xstate.after.${event.delay}.sidecar.${stateNameOf(snapshot)}`;
  return { type } as SidecarEvent;
}
