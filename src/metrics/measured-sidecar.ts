import type { ResourceName } from '../../machines/resource-limits.js';
import type { HealthReport, SidecarStateName } from '../../machines/sidecar.types.js';
import type { Sidecar } from '../sidecar.js';
import { CheckLabels } from './check-label.js';
import { automaticCause, commandedCause, type RestartCause } from './restart-cause.js';

export type Labels = Readonly<Record<string, string>>;

/** Where a duration is entered, in seconds. */
export type Observe = (
  histogram: 'timeToReady' | 'compile' | 'healthCheck',
  labels: Labels,
  seconds: number,
) => void;

export type ProbeName = 'startup' | 'liveness' | 'readiness';

/** How often one check of one probe came to one result. */
export interface CheckCount {
  readonly probe: ProbeName;
  readonly check: string;
  readonly result: 'pass' | 'fail';
  count: number;
}

/** One sidecar and what is counted of its events. Whatever is only read is read from `status()` when it is asked for. */
export class MeasuredSidecar {
  readonly sidecar: Sidecar;
  /** On each of its series. */
  readonly labels: Labels;
  readonly restarts = new Map<RestartCause, number>();
  readonly breaches = new Map<ResourceName, number>();
  readonly checks = new Map<string, CheckCount>();
  readonly #observe: Observe;
  readonly #checkLabels = new CheckLabels();
  readonly #subscriptions: readonly (() => void)[];
  #state: SidecarStateName = 'stopped';
  #compilingSince = 0;
  /** Of the process that is not ready yet; on the clock of `performance.now()`. */
  #spawnedAt: number | null = null;
  /** Unix time in milliseconds. */
  #startedAt: number | null = null;

  constructor(sidecar: Sidecar, labels: Labels, observe: Observe) {
    this.sidecar = sidecar;
    this.labels = labels;
    this.#observe = observe;
    const readyEvent = sidecar.config.healthCheck.readiness === undefined ? 'healthy' : 'ready';
    this.#subscriptions = [
      sidecar.on('transition', ({ record }) => {
        const cause = commandedCause(record);
        if (cause !== null) increment(this.restarts, cause);
        this.#state = record.to;
        if (isCompiling(record.to)) this.#compilingSince = performance.now();
      }),
      sidecar.on('compiled', ({ outcome, duration }) => observe('compile', { outcome }, duration / 1000)),
      sidecar.on('compile-failed', () => {
        observe('compile', { outcome: 'failed' }, secondsSince(this.#compilingSince));
      }),
      sidecar.on('spawned', () => {
        this.#spawnedAt = performance.now();
        this.#startedAt = Date.now();
      }),
      sidecar.on(readyEvent, () => {
        if (this.#spawnedAt !== null) observe('timeToReady', {}, secondsSince(this.#spawnedAt));
        this.#spawnedAt = null;
      }),
      sidecar.on('health-checked', ({ report }) => {
        this.#count(this.#state === 'waitingHealthy' ? 'startup' : 'liveness', report);
      }),
      sidecar.on('readiness-checked', ({ report }) => this.#count('readiness', report)),
      sidecar.on('restart-scheduled', ({ cause }) => increment(this.restarts, automaticCause(cause))),
      sidecar.on('resource-exhaustion', ({ resource }) => increment(this.breaches, resource)),
    ];
  }

  /** When the process of the moment was started, as Unix time in seconds; null when there is none, or it is older. */
  get startTime(): number | null {
    return this.sidecar.status().pid === null || this.#startedAt === null ? null : this.#startedAt / 1000;
  }

  /** How long is waited before the restart under way, in seconds; 0 when none is. */
  get backoff(): number {
    const decision = this.sidecar.history().at(-1)?.decision;
    return decision?.type === 'restart' ? decision.delay / 1000 : 0;
  }

  close(): void {
    for (const end of this.#subscriptions) end();
  }

  #count(probe: ProbeName, report: HealthReport): void {
    for (const { check: name, passed, latency } of report.checks) {
      const check = this.#checkLabels.of(name);
      const result = passed ? 'pass' : 'fail';
      const key = JSON.stringify([probe, check, result]);
      const counted = this.checks.get(key) ?? { probe, check, result, count: 0 };
      counted.count += 1;
      this.checks.set(key, counted);
      this.#observe('healthCheck', { probe, check }, latency / 1000);
    }
  }
}

function isCompiling(state: SidecarStateName): boolean {
  return state === 'compiling' || state === 'restarting.recompiling';
}

function secondsSince(time: number): number {
  return (performance.now() - time) / 1000;
}

function increment<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
