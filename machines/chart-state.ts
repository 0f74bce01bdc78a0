import type { ResolvedSidecarConfig } from '../src/config/schema.js';
import { noSampling } from './resource-trend.js';
import type { LiveProcess, SidecarContext, SidecarStateName } from './sidecar.types.js';
import { notReady } from './thresholds.js';
import { lastRecord, type TransitionRecord } from './transition-record.js';

/** What the future of a chart depends on, as plain data. */
export interface ChartState
  extends Pick<
    SidecarContext,
    | 'compilation'
    | 'generation'
    | 'circuit'
    | 'lastExit'
    | 'trouble'
    | 'restarts'
    | 'consecutiveRestarts'
    | 'backoff'
    | 'afterwards'
    | 'deadline'
    | 'startAgain'
    | 'reason'
  > {
  readonly state: SidecarStateName;
  readonly process: Pick<LiveProcess, 'generation' | 'pid' | 'endpoint' | 'statusText' | 'exit'> | null;
  readonly health: Pick<SidecarContext['health'], 'passes' | 'failures' | 'failedAt' | 'last'>;
  readonly resources: Pick<SidecarContext['resources'], 'max' | 'soft' | 'last'>;
  readonly lastTransition: TransitionRecord;
}

/** The present state, without what only people look at: the history, and how each of several checks stands. */
export function chartStateOf(context: SidecarContext): ChartState {
  const { compilation, generation, circuit, lastExit, trouble, restarts, consecutiveRestarts } = context;
  const { backoff, afterwards, deadline, startAgain, reason } = context;
  const { process, health, resources } = context;
  const lastTransition = lastRecord(context);
  return {
    state: lastTransition.to,
    compilation,
    generation,
    process: process && {
      generation: process.generation,
      pid: process.pid,
      endpoint: process.endpoint,
      statusText: process.statusText,
      exit: process.exit,
    },
    health: {
      passes: health.passes,
      failures: health.failures,
      failedAt: health.failedAt,
      last: health.last,
    },
    resources: { max: resources.max, soft: resources.soft, last: resources.last },
    circuit,
    lastExit,
    trouble,
    restarts,
    consecutiveRestarts,
    backoff,
    afterwards,
    deadline,
    startAgain,
    reason,
    lastTransition,
  };
}

/** A context that is in that state, and will go on as the one that it was taken from. */
export function contextOf(chartState: ChartState, config: ResolvedSidecarConfig): SidecarContext {
  const { state: _, lastTransition, process, health, resources, ...plain } = chartState;
  return {
    ...plain,
    config,
    process: process && { ...process, handoff: null, library: null },
    health: { ...health, checks: [] },
    readiness: notReady,
    resources: { ...noSampling, ...resources },
    history: [lastTransition],
  };
}

/** The settings that the chart reads, and so all that must be known to run it again. */
export interface ChartSettings
  extends Pick<ResolvedSidecarConfig, 'name' | 'transport' | 'lazy' | 'idleTimeout'> {
  readonly hasCompileStep: boolean;
  readonly resources: Omit<ResolvedSidecarConfig['resources'], 'hard'>;
  readonly process: Pick<
    ResolvedSidecarConfig['process'],
    | 'command'
    | 'autoRestart'
    | 'restartDelay'
    | 'maxRestarts'
    | 'restartWindow'
    | 'backoffFactor'
    | 'maxRestartDelay'
    | 'restartJitter'
    | 'stableAfter'
    | 'stopSignal'
    | 'stopTimeout'
    | 'killTimeout'
  >;
  readonly healthCheck: Pick<
    ResolvedSidecarConfig['healthCheck'],
    'startupTimeout' | 'degradedTimeout' | 'failureThreshold' | 'successThreshold'
  >;
}

export function chartSettingsOf(config: ResolvedSidecarConfig): ChartSettings {
  const { name, transport, lazy, idleTimeout, resources, compile, process, healthCheck } = config;
  const { command, autoRestart, restartDelay, maxRestarts, restartWindow, backoffFactor } = process;
  const { maxRestartDelay, restartJitter, stableAfter, stopSignal, stopTimeout, killTimeout } = process;
  const { startupTimeout, degradedTimeout, failureThreshold, successThreshold } = healthCheck;
  const { hard: _, ...limits } = resources;
  return {
    name,
    transport,
    lazy,
    idleTimeout,
    hasCompileStep: compile !== undefined,
    process: {
      command,
      autoRestart,
      restartDelay,
      maxRestarts,
      restartWindow,
      backoffFactor,
      maxRestartDelay,
      restartJitter,
      stableAfter,
      stopSignal,
      stopTimeout,
      killTimeout,
    },
    healthCheck: { startupTimeout, degradedTimeout, failureThreshold, successThreshold },
    resources: limits,
  };
}
