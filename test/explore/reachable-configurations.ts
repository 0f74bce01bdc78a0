import { type EventObject, getNextTransitions } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import { callsForReplacement } from '../../machines/resource-limits.js';
import type { SidecarContext, SidecarEvent } from '../../machines/sidecar.types.js';
import {
  type ChartConfig,
  chartOf,
  resolveChartConfig,
  type SidecarChart,
  type SidecarSnapshot,
  stateOf,
} from './chart.js';
import { everyEvent } from './reports.js';

/** Far more than there are; an accident ends here instead of never. */
const LIMIT = 200_000;

export interface Edge {
  readonly from: string;
  readonly before: SidecarSnapshot;
  readonly event: SidecarEvent;
  readonly to: string;
  readonly after: SidecarSnapshot;
}

export interface Exploration {
  readonly chart: SidecarChart;
  /** Each configuration that can be reached, by its key; the first is the one it begins with. */
  readonly configurations: ReadonlyMap<string, SidecarSnapshot>;
  readonly edges: readonly Edge[];
}

/** Low thresholds keep the chart small; that they are thresholds still shows at 2. */
const thresholds: ChartConfig = {
  process: { maxRestarts: 1 },
  healthCheck: { failureThreshold: 2, successThreshold: 2 },
  resources: { breachThreshold: 2 },
};

/** What does not show thresholds need not have any. */
const atOnce: ChartConfig = {
  process: { maxRestarts: 1 },
  healthCheck: { failureThreshold: 1 },
  resources: { breachThreshold: 1 },
};

export const variants: Readonly<Record<string, ChartConfig>> = {
  'with a compile step': thresholds,
  'without a compile step': { ...atOnce, compile: 'none' },
  'without restarts': { ...atOnce, process: { autoRestart: false } },
  'with a limit that is borne, and one that is not': {
    ...atOnce,
    compile: 'none',
    resources: { breachThreshold: 1, onMemory: 'degrade' },
  },
  'with a limit that is only reported': {
    ...atOnce,
    compile: 'none',
    resources: { breachThreshold: 1, onMemory: 'report' },
  },
  'with a limit that is broken in 2 of 3 samples': {
    ...atOnce,
    compile: 'none',
    resources: { breachThreshold: 2, breachWindow: 3 },
  },
  'lazy, with idle stops and a readiness check': {
    ...atOnce,
    lazy: true,
    idleTimeout: 60_000,
    process: { autoRestart: false },
    healthCheck: { failureThreshold: 1, readiness: { type: 'http', failureThreshold: 2 } },
  },
};

/** Sends every event, in every order, whether it makes sense there or not, and lets every timer fire. */
export function exploreChart(config: ChartConfig): Exploration {
  const chart = chartOf(resolveChartConfig(config));
  const configurations = new Map<string, SidecarSnapshot>();
  const edges = new Map<SidecarEvent, Edge>();
  const keys = new WeakMap<SidecarSnapshot, string>();
  const keyFor = (snapshot: SidecarSnapshot): string => {
    const key = keys.get(snapshot) ?? keyOf(snapshot);
    keys.set(snapshot, key);
    return key;
  };
  getShortestPaths(chart, {
    // Made anew for each configuration, so that each of them stands for one edge.
    events: (snapshot) => [...everyEvent(snapshot.context), ...timersOf(snapshot)],
    // It is called for each edge, so this is where all of them can be seen, not only those of a shortest path.
    serializeState: (after, event, before) => {
      const to = keyFor(after);
      if (!configurations.has(to)) configurations.set(to, after);
      if (event !== undefined && before !== undefined && !edges.has(event)) {
        edges.set(event, { from: keyFor(before), before, event, to, after });
      }
      return to;
    },
    limit: LIMIT,
  });
  return { chart, configurations, edges: [...edges.values()] };
}

function timersOf(snapshot: SidecarSnapshot): SidecarEvent[] {
  return getNextTransitions(snapshot)
    .map(({ eventType }) => ({ type: eventType }))
    .filter(({ type }) => type.startsWith('xstate.after.'));
}

/** What the future of a chart depends on, so that the same configuration is not explored twice. */
function keyOf(snapshot: SidecarSnapshot): string {
  const { context } = snapshot;
  const { config, process, health, readiness, resources, trouble } = context;
  const readinessCheck = config.healthCheck.readiness;
  const upTo = (most: number, count: number) => Math.min(most, count);
  return JSON.stringify([
    stateOf(snapshot),
    process === null ? 'none' : process.exit === null ? 'alive' : 'survived',
    context.deadline !== null,
    context.afterwards,
    context.startAgain,
    context.reason,
    trouble?.type === 'exited',
    callsForReplacement(trouble),
    trouble !== null,
    upTo(config.healthCheck.successThreshold, health.passes),
    upTo(config.healthCheck.failureThreshold, health.failures),
    significant(resources.max.memory),
    ...(config.resources.onMemory === config.resources.onCPU ? [] : [significant(resources.max.cpu)]),
    context.restarts.length,
    // Nothing else depends on it, so where there is no such check one of its counts is as good as another.
    ...(readinessCheck === undefined
      ? []
      : [
          readiness.isReady,
          upTo(readinessCheck.successThreshold, readiness.passes),
          upTo(readinessCheck.failureThreshold, readiness.failures),
        ]),
  ]);
}

/** Samples within the limit matter only between two that are over it, or after one. */
function significant(window: readonly boolean[]): readonly boolean[] {
  const first = window.indexOf(true);
  return first === -1 ? [] : window.slice(first);
}

/** An edge, for people. */
export function describeEdge({ before, event, after }: Edge): string {
  return `${stateOf(before)} --${JSON.stringify(event)}--> ${stateOf(after)}`;
}

/** What an edge changed: `state`, and the keys of the context. */
export function changesOf({ before, after }: Edge): string[] {
  const keys: string[] = Object.keys(before.context);
  const changed = keys.filter((key) => partOf(before.context, key) !== partOf(after.context, key));
  return stateOf(before) === stateOf(after) ? changed : ['state', ...changed];
}

function partOf(context: SidecarContext, key: string): unknown {
  return Reflect.get(context, key);
}

/** Whether the event of an edge is a report of a process or compilation before the present one. */
export function isOlder({ event, before: { context } }: Edge): boolean {
  if ('generation' in event) return event.generation !== context.generation;
  return 'compilation' in event && event.compilation !== context.compilation;
}

/** Whether the process lives, and nobody is ending it. */
export function isWatched({ context: { process, deadline } }: SidecarSnapshot): boolean {
  return process?.exit === null && deadline === null;
}

/** All that can follow from a configuration through the edges that are allowed. */
export function reachableFrom(
  starts: Iterable<string>,
  edges: readonly Edge[],
  allowed: (event: EventObject) => boolean,
): ReadonlySet<string> {
  const next = new Map<string, string[]>();
  for (const { from, event, to } of edges) {
    if (allowed(event)) next.set(from, [...(next.get(from) ?? []), to]);
  }
  const reached = new Set(starts);
  for (const key of reached) for (const to of next.get(key) ?? []) reached.add(to);
  return reached;
}
