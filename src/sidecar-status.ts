import { findTrend, type ResourceTrend } from '../machines/resource-trend.js';
import { restartsInWindow } from '../machines/restart-policy.js';
import type {
  CheckStanding,
  CircuitState,
  Endpoint,
  HealthCount,
  ResourceSample,
  SidecarContext,
  SidecarStateName,
  StopReason,
} from '../machines/sidecar.types.js';
import { notChecked } from '../machines/thresholds.js';
import type { TransitionCause } from '../machines/transition-record.js';
import type { ClientStatus } from './client/client.js';
import { noTotals, noWaits } from './client/totals.js';
import type { ResolvedSidecarConfig } from './config/schema.js';
import { now } from './os/clock.js';
import type { SidecarSnapshot } from './sidecar-serving.js';

/** What a sidecar is doing at one moment. Times are Unix times in milliseconds. */
export interface SidecarStatus {
  readonly name: string;
  readonly state: SidecarStateName;
  /** When that state was entered; null when it was never started. */
  readonly since: number | null;
  /** Why it is stopped or being stopped; null in every other state, and when it was never started. */
  readonly reason: StopReason | null;
  /** What is wrong now, if anything is. */
  readonly trouble: TransitionCause | null;
  /** Counts the processes that were started, from 1. */
  readonly generation: number;
  readonly pid: number | null;
  readonly endpoint: Endpoint | null;
  /** What it tells of itself in words, by `STATUS=` on the notify descriptor. */
  readonly statusText: string | null;
  /** The start-up check until it passes, then the liveness check. */
  readonly health: HealthCount;
  /** Whether requests are sent now, as far as the readiness check tells, and that check. */
  readonly readiness: HealthCount & { readonly isReady: boolean };
  readonly client: ClientStatus & { readonly circuit: CircuitState };
  /** The last sample, and where the last samples lead. */
  readonly resources: (ResourceSample & { readonly trend: ResourceTrend | null }) | null;
  /** Automatic restarts that count against the budget. `window` is in milliseconds. */
  readonly restarts: { readonly used: number; readonly max: number; readonly window: number };
}

const noRequests: ClientStatus = { inFlight: 0, waiting: 0, waits: noWaits, totals: noTotals };

/** The status of a sidecar that was never started. */
export function idleStatus({ name, process }: ResolvedSidecarConfig): SidecarStatus {
  return {
    name,
    state: 'stopped',
    since: null,
    reason: null,
    trouble: null,
    generation: 0,
    pid: null,
    endpoint: null,
    statusText: null,
    health: notChecked,
    readiness: { ...notChecked, isReady: false },
    client: { ...noRequests, circuit: 'closed' },
    resources: null,
    restarts: { used: 0, max: process.maxRestarts, window: process.restartWindow },
  };
}

export function statusOf(context: SidecarContext): SidecarStatus {
  const { config, reason, trouble, generation, process, health, readiness, circuit } = context;
  const { resources, restarts, history } = context;
  const last = history.at(-1);
  return {
    ...idleStatus(config),
    state: last?.to ?? 'stopped',
    since: last?.time ?? null,
    reason,
    trouble,
    generation,
    pid: process?.pid ?? null,
    endpoint: process?.endpoint ?? null,
    statusText: process?.statusText ?? null,
    health,
    readiness,
    client: { ...noRequests, circuit },
    resources: resources.last && { ...resources.last, trend: findTrend(resources.recent, config.resources) },
    restarts: {
      used: restartsInWindow(restarts, config.process, now()).length,
      max: config.process.maxRestarts,
      window: config.process.restartWindow,
    },
  };
}

/** How a sidecar is, for a health endpoint. */
export interface SidecarHealth {
  readonly state: SidecarStateName;
  /** Up, and its last check passed. */
  readonly isHealthy: boolean;
  /** Healthy or not, it takes requests. */
  readonly isReady: boolean;
  readonly statusText: string | null;
  /** Each check: its last result, when, how long it took, how often in a row, and what it failed with last. */
  readonly checks: readonly CheckStanding[];
  readonly readinessChecks: readonly CheckStanding[];
}

export const idleHealth: SidecarHealth = {
  state: 'stopped',
  isHealthy: false,
  isReady: false,
  statusText: null,
  checks: [],
  readinessChecks: [],
};

export function healthOf({ context }: SidecarSnapshot, isServing: boolean): SidecarHealth {
  const { health, readiness, process, history } = context;
  return {
    state: history.at(-1)?.to ?? 'stopped',
    isHealthy: isServing && health.last?.passed === true,
    isReady: isServing && readiness.isReady,
    statusText: process?.statusText ?? null,
    checks: health.checks,
    readinessChecks: readiness.checks,
  };
}
