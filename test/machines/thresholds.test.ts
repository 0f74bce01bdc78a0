import { describe, expect, it } from 'vitest';
import type { CheckResult, HealthReport } from '../../machines/sidecar.types.js';
import {
  count,
  countReport,
  isFailing,
  isPassing,
  isReadyAfter,
  noResults,
  notChecked,
} from '../../machines/thresholds.js';
import { resolveChartConfig } from '../explore/chart.js';

const counted = (...results: boolean[]) => results.reduce(count, noResults);

describe('counting checks', () => {
  it('counts results in a row; the other kind starts anew', () => {
    expect(counted(true, true)).toEqual({ passes: 2, failures: 0 });
    expect(counted(true, true, false)).toEqual({ passes: 0, failures: 1 });
    expect(counted(false, false, true)).toEqual({ passes: 1, failures: 0 });
  });

  it('is failing or passing from the threshold on', () => {
    const { healthCheck } = resolveChartConfig({ healthCheck: { failureThreshold: 3, successThreshold: 2 } });
    expect(isFailing(counted(false, false), healthCheck)).toBe(false);
    expect(isFailing(counted(false, false, false), healthCheck)).toBe(true);
    expect(isFailing(counted(false, false, true, false), healthCheck)).toBe(false);
    expect(isPassing(counted(true), healthCheck)).toBe(false);
    expect(isPassing(counted(true, true), healthCheck)).toBe(true);
    expect(isPassing(noResults, healthCheck)).toBe(false);
  });
});

describe('readiness', () => {
  const thresholds = { failureThreshold: 2, successThreshold: 2 };

  it('changes at the threshold of the other result, and stays below it', () => {
    expect(isReadyAfter(false, counted(true), thresholds)).toBe(false);
    expect(isReadyAfter(false, counted(true, true), thresholds)).toBe(true);
    expect(isReadyAfter(true, counted(false), thresholds)).toBe(true);
    expect(isReadyAfter(true, counted(false, false), thresholds)).toBe(false);
    expect(isReadyAfter(false, counted(false, true), thresholds)).toBe(false);
  });
});

describe('counting a report of several checks', () => {
  const result = (check: string, passed: boolean): CheckResult => {
    const asked = { check, latency: 1, checkedAt: 0 };
    return passed ? { ...asked, passed } : { ...asked, passed, error: `${check} is down` };
  };
  const report = (passed: boolean, ...checks: CheckResult[]): HealthReport => {
    return { ...result('all', passed), checks };
  };

  it('counts the whole and each check by itself, and keeps how it failed last', () => {
    const first = report(false, result('db', false), result('cache', true));
    const second = report(true, result('db', true), result('cache', true));
    const counts = [first, second].reduce(countReport, notChecked);
    expect(counts).toMatchObject({ passes: 1, failures: 0, last: second });
    expect(counts.checks).toMatchObject([
      { check: 'db', passes: 1, failures: 0, lastError: 'db is down' },
      { check: 'cache', passes: 2, failures: 0, lastError: null },
    ]);
  });

  it('forgets what is not asked any more, such as the start-up check', () => {
    const counts = [report(true, result('start', true)), report(true, result('live', true))].reduce(
      countReport,
      notChecked,
    );
    expect(counts.checks.map(({ check }) => check)).toEqual(['live']);
    expect(counts.passes).toBe(2);
  });
});
