import type { SnapshotFrom } from 'xstate';
import { createSidecarChart } from '../../machines/sidecar.js';
import type { SidecarStateName } from '../../machines/sidecar.types.js';
import { resolveConfig } from '../../src/config/resolve.js';
import type { ResolvedSidecarConfig, SidecarConfig } from '../../src/config/schema.js';

/** The one place where the tests take the chart from. */
export type SidecarChart = ReturnType<typeof createSidecarChart>;
export type SidecarSnapshot = SnapshotFrom<SidecarChart>;

/** What a test says about its sidecar; the program to run does not matter. */
export type ChartConfig = Omit<SidecarConfig, 'process' | 'compile'> & {
  readonly process?: Partial<SidecarConfig['process']>;
  readonly compile?: 'none';
};

export interface ChartTime {
  readonly now?: () => number;
  readonly random?: () => number;
}

export function resolveChartConfig({ process, compile, ...config }: ChartConfig = {}): ResolvedSidecarConfig {
  return resolveConfig({
    ...config,
    ...(compile === 'none' ? {} : { compile: { command: 'compiler' } }),
    process: { command: 'program', restartJitter: 0, ...process },
  });
}

export function chartOf(
  config: ResolvedSidecarConfig,
  { now = () => 0, random = () => 0 }: ChartTime = {},
): SidecarChart {
  return createSidecarChart({ resolveConfig: () => config, now, random });
}

/** All the states in which a sidecar can rest. `restarting.deciding` is left in the step that enters it. */
export const restingStates = [
  'compiling',
  'spawning',
  'waitingHealthy',
  'running',
  'degraded',
  'restarting.recompiling',
  'restarting.terminating',
  'restarting.killing',
  'restarting.backingOff',
  'stopping.terminating',
  'stopping.killing',
  'stopped',
] as const satisfies readonly SidecarStateName[];

export type RestingState = (typeof restingStates)[number];

/** The leaf that a snapshot rests in, by its path. */
export function stateOf(snapshot: SidecarSnapshot): RestingState {
  const { value } = snapshot;
  const path = typeof value === 'string' ? value : Object.entries(value).flat().join('.');
  const state = restingStates.find((name) => name === path);
  if (state === undefined) throw new Error(`The chart rests in ${path}, which is no resting state.`);
  return state;
}
