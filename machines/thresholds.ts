import type { HealthCheckConfig } from '../src/config/schema.js';
import type { CheckStanding, HealthCount, HealthReport, SidecarContext } from './sidecar.types.js';

/** Consecutive results; one of the two is always zero. */
export interface Counters {
  readonly passes: number;
  readonly failures: number;
}

export const noResults: Counters = { passes: 0, failures: 0 };

export function count(counters: Counters, passed: boolean): Counters {
  return passed
    ? { passes: counters.passes + 1, failures: 0 }
    : { passes: 0, failures: counters.failures + 1 };
}

/** How many failures in a row are remembered with their times. */
const FAILURES_TIMED = 10;

export const notChecked: HealthCount = { ...noResults, last: null, failedAt: [], checks: [] };

/** Readiness while nobody checks it. */
export const notReady: SidecarContext['readiness'] = { ...notChecked, isReady: false };

/**
 * One more report, for the whole and for each check in it. V8 gives each object that begins with a spread a shape of its
 * own, so what is kept for every sidecar begins with something else, here and elsewhere.
 */
export function countReport(health: HealthCount, report: HealthReport): HealthCount {
  const checks = report.checks.map((result): CheckStanding => {
    const before = health.checks.find(({ check }) => check === result.check);
    const lastError = result.passed ? (before?.lastError ?? null) : result.error;
    return { lastError, ...count(before ?? noResults, result.passed), ...result };
  });
  const failedAt = report.passed ? [] : [...health.failedAt, report.checkedAt].slice(-FAILURES_TIMED);
  return { last: report, failedAt, checks, ...count(health, report.passed) };
}

/** Consecutive failures and passes after which it is decided otherwise. */
export type Thresholds = Pick<HealthCheckConfig, 'failureThreshold' | 'successThreshold'>;

/** Whether requests may be sent, after one more readiness report. */
export function isReadyAfter(wasReady: boolean, counters: Counters, thresholds: Thresholds): boolean {
  return wasReady ? !isFailing(counters, thresholds) : isPassing(counters, thresholds);
}

export function isFailing(counters: Counters, config: Thresholds): boolean {
  return counters.failures >= config.failureThreshold;
}

export function isPassing(counters: Counters, config: Thresholds): boolean {
  return counters.passes >= config.successThreshold;
}
