import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseBackoff, hasBudget, restartsInWindow } from '../../machines/restart-policy.js';
import type { ProcessConfig } from '../../src/config/schema.js';
import { resolveChartConfig } from '../explore/chart.js';

function policy(process: Partial<Omit<ProcessConfig, 'env' | 'args'>>): ProcessConfig {
  return resolveChartConfig({ process }).process;
}

describe('restartsInWindow', () => {
  it('forgets a restart once it is a whole window old', () => {
    const config = policy({ restartDelay: 0, restartWindow: 1000 });
    expect(restartsInWindow([0, 1, 500], config, 999)).toEqual([0, 1, 500]);
    expect(restartsInWindow([0, 1, 500], config, 1000)).toEqual([1, 500]);
    expect(restartsInWindow([0, 1, 500], config, 5000)).toEqual([]);
  });
});

describe('hasBudget', () => {
  it('is true below maxRestarts', () => {
    const config = policy({ restartDelay: 0, restartWindow: 1000, maxRestarts: 2 });
    expect(hasBudget([], config, 0)).toBe(true);
    expect(hasBudget([0], config, 10)).toBe(true);
    expect(hasBudget([0, 5], config, 10)).toBe(false);
    expect(hasBudget([0, 5], config, 1000)).toBe(true);
  });

  it('is never true with maxRestarts 0', () => {
    expect(hasBudget([], policy({ maxRestarts: 0 }), 0)).toBe(false);
  });
});

/** The delay alone. */
const backoffDelay = (...given: Parameters<typeof chooseBackoff>) => chooseBackoff(...given).delay;

describe('chooseBackoff', () => {
  it('grows by the factor up to the longest delay', () => {
    const config = policy({ restartDelay: 5000, backoffFactor: 2, maxRestartDelay: 60_000 });
    expect([1, 2, 3, 4, 5, 6].map((consecutive) => backoffDelay(consecutive, config, 0))).toEqual([
      5000, 10_000, 20_000, 40_000, 60_000, 60_000,
    ]);
  });

  it('is finite however often the program crashes', () => {
    const config = policy({ backoffFactor: 100 });
    expect(backoffDelay(100_000, config, 0)).toBe(60_000);
  });

  it('is never longer than the longest delay, nor shorter than jitter allows, in whole milliseconds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 0, max: 10_000 }),
        fc.double({ min: 1, max: 10, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        (consecutive, restartDelay, backoffFactor, restartJitter, random) => {
          const config = policy({ restartDelay, backoffFactor, restartJitter });
          const longest = backoffDelay(consecutive, config, 0);
          const delay = backoffDelay(consecutive, config, random);
          expect(delay).toBeLessThanOrEqual(60_000);
          expect(delay).toBeLessThanOrEqual(longest);
          // Both are rounded, each by up to half a millisecond.
          expect(delay).toBeGreaterThanOrEqual(longest * (1 - restartJitter) - 1);
          expect(Number.isInteger(delay)).toBe(true);
        },
      ),
    );
  });
});
