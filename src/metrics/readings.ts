import type { ResourceName } from '../../machines/resource-limits.js';
import type { CircuitState, SidecarStateName, StopReason } from '../../machines/sidecar.types.js';
import type { Labels, MeasuredSidecar } from './measured-sidecar.js';
import { restartCauses } from './restart-cause.js';

/** One value, with the labels that tell it from others of its metric. */
export type Reading = readonly [labels: Labels, value: number];

/** A metric whose values are read when they are asked for. */
export interface ReadMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly labels?: readonly string[];
  readonly read: (measured: MeasuredSidecar) => readonly Reading[];
}

/** Every metric but the histograms. Names and units follow the practice of Prometheus: seconds, bytes, `_total`. */
export const readMetrics: readonly ReadMetric[] = [
  {
    name: 'state',
    help: 'State of the sidecar: 1 for the state that it is in, 0 for each other.',
    type: 'gauge',
    labels: ['state'],
    read: ({ sidecar }) => oneOf('state', keysOf(states), sidecar.status().state),
  },
  {
    name: 'stop_reason',
    help: 'Why the sidecar is stopped or being stopped: 1 for the reason, 0 for each other.',
    type: 'gauge',
    labels: ['reason'],
    read: ({ sidecar }) => oneOf('reason', keysOf(stopReasons), sidecar.status().reason),
  },
  {
    name: 'ready',
    help: 'Whether requests are sent to the sidecar now: 1 or 0.',
    type: 'gauge',
    read: ({ sidecar }) => one(sidecar.status().readiness.isReady ? 1 : 0),
  },
  {
    name: 'circuit_state',
    help: 'State of the circuit breaker: 1 for the state that it is in, 0 for each other.',
    type: 'gauge',
    labels: ['state'],
    read: ({ sidecar }) => oneOf('state', keysOf(circuitStates), sidecar.status().client.circuit),
  },
  {
    name: 'generation',
    help: 'How many processes were started.',
    type: 'gauge',
    read: ({ sidecar }) => one(sidecar.status().generation),
  },
  {
    name: 'process_start_time_seconds',
    help: 'When the process of the moment was started, as Unix time.',
    type: 'gauge',
    read: ({ startTime }) => one(startTime),
  },
  {
    name: 'process_uptime_seconds',
    help: 'How long the process of the moment has been up.',
    type: 'gauge',
    read: ({ startTime }) => one(startTime === null ? null : Math.max(0, Date.now() / 1000 - startTime)),
  },
  {
    name: 'restarts_total',
    help: 'Restarts, by their causes.',
    type: 'counter',
    labels: ['cause'],
    read: ({ restarts }) => restartCauses.map((cause) => [{ cause }, restarts.get(cause) ?? 0]),
  },
  {
    name: 'restarts_in_window',
    help: 'Automatic restarts that count against the budget now.',
    type: 'gauge',
    read: ({ sidecar }) => one(sidecar.status().restarts.used),
  },
  {
    name: 'restarts_in_window_limit',
    help: 'Most automatic restarts within the window (process.maxRestarts).',
    type: 'gauge',
    read: ({ sidecar }) => one(sidecar.status().restarts.max),
  },
  {
    name: 'backoff_seconds',
    help: 'Delay that was chosen for the restart that is waited for now; 0 when none is.',
    type: 'gauge',
    read: ({ backoff }) => one(backoff),
  },
  {
    name: 'health_checks_total',
    help: 'Health checks, by the probe, the check and the result.',
    type: 'counter',
    labels: ['probe', 'check', 'result'],
    read: ({ checks }) =>
      [...checks.values()].map(({ probe, check, result, count }) => [{ probe, check, result }, count]),
  },
  {
    name: 'memory_bytes',
    help: 'Memory of the sidecar, as it was sampled last.',
    type: 'gauge',
    read: ({ sidecar }) => one(bytes(sidecar.status().resources?.memoryMB)),
  },
  {
    name: 'memory_limit_bytes',
    help: 'Limit of the memory (resources.maxMemoryMB).',
    type: 'gauge',
    read: ({ sidecar }) => one(bytes(sidecar.config.resources.maxMemoryMB)),
  },
  {
    name: 'cpu_usage_ratio',
    help: 'Processor time per time between the last two samples; 1 is one core.',
    type: 'gauge',
    read: ({ sidecar }) => one(ratio(sidecar.status().resources?.cpuPercent)),
  },
  {
    name: 'cpu_usage_limit_ratio',
    help: 'Limit of the processor time (resources.maxCPUPercent); 1 is one core.',
    type: 'gauge',
    read: ({ sidecar }) => one(ratio(sidecar.config.resources.maxCPUPercent)),
  },
  {
    name: 'open_fds',
    help: 'Open file descriptors of the sidecar, as they were sampled last.',
    type: 'gauge',
    read: ({ sidecar }) => one(sidecar.status().resources?.fileDescriptors),
  },
  {
    name: 'open_fds_limit',
    help: 'Limit of the open file descriptors (resources.maxFileDescriptors).',
    type: 'gauge',
    read: ({ sidecar }) => one(sidecar.config.resources.maxFileDescriptors),
  },
  {
    name: 'resources_sampled_timestamp_seconds',
    help: 'When memory, processor time and descriptors were sampled last, as Unix time.',
    type: 'gauge',
    read: ({ sidecar }) => one(seconds(sidecar.status().resources?.sampledAt)),
  },
  {
    name: 'limit_breaches_total',
    help: 'How often a limit counted as broken, by the resource.',
    type: 'counter',
    labels: ['resource'],
    read: ({ breaches }) =>
      keysOf(resources).map((resource) => [{ resource: resources[resource] }, breaches.get(resource) ?? 0]),
  },
  {
    name: 'client_requests_total',
    help: 'Requests to the sidecar that have ended, by how.',
    type: 'counter',
    labels: ['outcome'],
    read: ({ sidecar }) =>
      Object.entries(sidecar.status().client.totals).map(([outcome, count]) => [
        { outcome: outcome.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) },
        count,
      ]),
  },
  {
    name: 'client_requests_in_flight',
    help: 'Requests that were sent and not yet answered to the end.',
    type: 'gauge',
    read: ({ sidecar }) => one(sidecar.status().client.inFlight),
  },
  {
    name: 'client_requests_waiting',
    help: 'Requests that wait until the sidecar is ready.',
    type: 'gauge',
    read: ({ sidecar }) => one(sidecar.status().client.waiting),
  },
  {
    name: 'client_waits_total',
    help: 'Requests that waited until the sidecar was ready, or in vain.',
    type: 'counter',
    read: ({ sidecar }) => one(sidecar.status().client.waits.count),
  },
  {
    name: 'client_wait_seconds_total',
    help: 'How long those requests waited altogether.',
    type: 'counter',
    read: ({ sidecar }) => one(seconds(sidecar.status().client.waits.duration)),
  },
];

/** Every state: the compiler knows when one is missing. */
const states: Readonly<Record<SidecarStateName, true>> = {
  compiling: true,
  spawning: true,
  waitingHealthy: true,
  running: true,
  degraded: true,
  'restarting.recompiling': true,
  'restarting.terminating': true,
  'restarting.killing': true,
  'restarting.deciding': true,
  'restarting.backingOff': true,
  'stopping.terminating': true,
  'stopping.killing': true,
  stopped: true,
};

const stopReasons: Readonly<Record<StopReason, true>> = {
  requested: true,
  lazy: true,
  idle: true,
  'compile-failed': true,
  'spawn-failed': true,
  'restarts-exhausted': true,
  'auto-restart-disabled': true,
  exited: true,
  unkillable: true,
  taken: true,
};

const circuitStates: Readonly<Record<CircuitState, true>> = { closed: true, open: true, 'half-open': true };

const resources: Readonly<Record<ResourceName, string>> = {
  memory: 'memory',
  cpu: 'cpu',
  fileDescriptors: 'fds',
};

function keysOf<Key extends string>(record: Readonly<Record<Key, unknown>>): readonly Key[] {
  const isKey = (key: string): key is Key => key in record;
  return Object.keys(record).filter(isKey);
}

/** As a StateSet of OpenMetrics: a series for each value, so that one that is left does not linger as 1. */
function oneOf(label: string, values: readonly string[], present: string | null): readonly Reading[] {
  return values.map((value) => [{ [label]: value }, value === present ? 1 : 0]);
}

/** What is not known, or has no limit, has no value. */
function one(value: number | null | undefined): readonly Reading[] {
  return value === null || value === undefined ? [] : [[{}, value]];
}

function bytes(mebibytes: number | null | undefined): number | null | undefined {
  return mebibytes === null || mebibytes === undefined ? mebibytes : mebibytes * 1_048_576;
}

function ratio(percent: number | null | undefined): number | null | undefined {
  return percent === null || percent === undefined ? percent : percent / 100;
}

function seconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? milliseconds : milliseconds / 1000;
}
