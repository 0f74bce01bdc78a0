import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainTrend } from '../../machines/explain.js';
import { findTrend, noSampling, TREND_SAMPLES, withSample } from '../../machines/resource-trend.js';
import type { ResourceSample } from '../../machines/sidecar.types.js';
import { resolveChartConfig } from '../explore/chart.js';
import { modestSample } from '../explore/reports.js';

const { resources: limits } = resolveChartConfig();

const every5s = (...values: number[]) =>
  values.map((memoryMB, index): ResourceSample => ({ ...modestSample, memoryMB, sampledAt: index * 5000 }));

/** 1 MiB a second. */
const leaking = every5s(...Array.from({ length: 12 }, (_, index) => 100 + 5 * index));

describe('a trend', () => {
  it('tells when a limit is met at the rate of the last samples', () => {
    expect(findTrend(leaking, limits)).toEqual({
      resource: 'memory',
      value: 155,
      limit: 512,
      perMinute: expect.closeTo(60),
      limitIn: expect.closeTo(357_000),
    });
  });

  it('is a sentence', () => {
    const trend = findTrend(leaking, limits);
    expect(trend === null ? '' : explainTrend(trend)).toBe(
      'memory: 512 MB in about 6 min at this rate (155 MB now, 60 MB more a minute)',
    );
    const soon = {
      resource: 'fileDescriptors',
      value: 900,
      limit: 1024,
      perMinute: 120.04,
      limitIn: 62_000,
    } as const;
    expect(explainTrend(soon)).toBe(
      'the number of file descriptors: 1024 in about 62 s at this rate (900 now, 120 more a minute)',
    );
    expect(explainTrend({ ...soon, limitIn: 3 * 3_600_000 })).toContain('in about 3 h at');
  });

  it.each([
    ['too few samples', leaking.slice(0, 5)],
    ['what is level', every5s(100, 100, 100, 100, 100, 100, 100)],
    ['what shrinks', every5s(200, 190, 180, 170, 160, 150, 140)],
    ['a sawtooth, such as the heap of a collected language', every5s(100, 200, 100, 200, 100, 200, 100, 205)],
    ['a step', every5s(100, 100, 100, 100, 100, 300, 300, 300, 300, 300, 300)],
    ['what would take hours after minutes', every5s(100, 100.1, 100.2, 100.3, 100.4, 100.5, 100.6)],
    ['what is over the limit already', every5s(500, 510, 520, 530, 540, 550, 560)],
  ])('is not made of %s', (_, samples) => {
    expect(findTrend(samples, limits)).toBeNull();
  });

  it('does not mix what was measured in two ways', () => {
    const changed = leaking.map((sample, index): ResourceSample => {
      return index < 8 ? sample : { ...sample, memoryMeasure: 'pss' };
    });
    expect(findTrend(changed, limits)).toBeNull();
    expect(findTrend(changed.slice(0, 8), limits)).not.toBeNull();
  });

  it('is of the resource whose limit is met first, and of none that is not limited', () => {
    const both = leaking.map((sample, index) => ({ ...sample, fileDescriptors: 900 + 10 * index }));
    expect(findTrend(both, limits)?.resource).toBe('fileDescriptors');
    expect(findTrend(both, { ...limits, maxFileDescriptors: null })?.resource).toBe('memory');
    expect(findTrend(both, { ...limits, maxFileDescriptors: null, maxMemoryMB: null })).toBeNull();
    const unknown = leaking.map((sample) => ({ ...sample, fileDescriptors: null }));
    expect(findTrend(unknown, limits)?.resource).toBe('memory');
  });

  it('is found again through noise, whatever the rate', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.05, max: 5, noNaN: true }),
        fc.array(fc.double({ min: -0.2, max: 0.2, noNaN: true }), { minLength: 20, maxLength: 60 }),
        (perSample, noise) => {
          const samples = every5s(...noise.map((each, index) => 100 + perSample * (index + each)));
          const trend = findTrend(samples, { ...limits, maxMemoryMB: 100 + perSample * 200 });
          expect(trend?.perMinute).toBeGreaterThan(perSample * 12 * 0.9);
          expect(trend?.perMinute).toBeLessThan(perSample * 12 * 1.1);
        },
      ),
    );
  });

  it('looks back on a bounded number of samples', () => {
    let sampling = noSampling;
    for (let index = 0; index < 500; index += 1) {
      sampling = { ...sampling, ...withSample(sampling, modestSample) };
    }
    expect(sampling.recent).toHaveLength(TREND_SAMPLES);
    expect(sampling.last).toBe(modestSample);
  });
});
