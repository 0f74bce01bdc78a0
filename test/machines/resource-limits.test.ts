import { describe, expect, it } from 'vitest';
import {
  countBreaches,
  findBreaches,
  findWarnings,
  newBreaches,
  noBreaches,
} from '../../machines/resource-limits.js';
import type { ResourceSample } from '../../machines/sidecar.types.js';
import { resolveChartConfig } from '../explore/chart.js';
import { greedySample, modestSample, spinningSample } from '../explore/reports.js';
import { World } from '../explore/world.js';

type Resources = NonNullable<Parameters<typeof resolveChartConfig>[0]>['resources'];

const limitsOf = (resources: Resources) => resolveChartConfig({ resources }).resources;
const over = { ...modestSample, memoryMB: 101 };
const soft = { ...modestSample, memoryMB: 91 };
const under = modestSample;

function counted(resources: Resources, samples: readonly ResourceSample[]) {
  const limits = limitsOf({ maxMemoryMB: 100, ...resources });
  const counters = samples.reduce((before, sample) => countBreaches(before, sample, limits), noBreaches);
  const last = samples.at(-1) ?? null;
  return {
    counters,
    breaches: findBreaches(counters, last, limits),
    warnings: findWarnings(counters, last, limits),
  };
}

describe('counting samples over a limit', () => {
  it('takes as many in a row as the threshold when no window is given', () => {
    const twoInARow = { breachThreshold: 2 };
    expect(counted(twoInARow, [over]).breaches).toEqual([]);
    expect(counted(twoInARow, [over, under, over]).breaches).toEqual([]);
    expect(counted(twoInARow, [under, over, over]).breaches).toEqual([
      { resource: 'memory', value: 101, limit: 100, action: 'restart', samples: 2, window: 2 },
    ]);
    expect(counted(twoInARow, [over, over, under]).breaches).toEqual([]);
  });

  it('takes K of the last N when a window is given', () => {
    const twoOfFour = { breachThreshold: 2, breachWindow: 4 };
    expect(counted(twoOfFour, [over, under, under, over]).breaches).toMatchObject([
      { samples: 2, window: 4 },
    ]);
    expect(counted(twoOfFour, [over, under, under, under, over]).breaches).toEqual([]);
    // As soon as there are K, though not yet N.
    expect(counted(twoOfFour, [over, over]).breaches).toMatchObject([{ samples: 2, window: 2 }]);
  });

  it('still counts a limit as broken while K of N are over it, even if the last is not', () => {
    const twoOfFour = { breachThreshold: 2, breachWindow: 4 };
    expect(counted(twoOfFour, [over, over, under, under]).breaches).toMatchObject([{ value: 10 }]);
    expect(counted(twoOfFour, [over, over, under, under, under]).breaches).toEqual([]);
  });

  it('remembers no more samples than the window has', () => {
    const { counters } = counted({ breachThreshold: 1, breachWindow: 3 }, Array(50).fill(over));
    expect(counters.max.memory).toEqual([true, true, true]);
  });

  it('keeps a limit that is just reached', () => {
    expect(counted({ breachThreshold: 1 }, [{ ...over, memoryMB: 100 }]).breaches).toEqual([]);
  });

  it('counts neither what is not limited nor what is not known', () => {
    const many = { ...under, fileDescriptors: 1_000_000 };
    expect(counted({ breachThreshold: 1, maxFileDescriptors: null }, [many]).breaches).toEqual([]);
    expect(counted({ breachThreshold: 1 }, [{ ...many, fileDescriptors: null }]).breaches).toEqual([]);
    const { counters } = counted({ breachThreshold: 2 }, [many, { ...many, fileDescriptors: null }, many]);
    expect(counters.max.fileDescriptors).toEqual([true]);
  });

  it('names first what leads to more', () => {
    const both = { ...over, cpuPercent: 90, fileDescriptors: 2000 };
    const { breaches } = counted({ breachThreshold: 1, onMemory: 'report', onCPU: 'degrade' }, [both]);
    expect(breaches.map(({ resource }) => resource)).toEqual(['fileDescriptors', 'cpu', 'memory']);
  });

  it('counts soft limits by themselves, as often as the others', () => {
    const limits = { softMemoryMB: 90, breachThreshold: 2 };
    expect(counted(limits, [soft]).warnings).toEqual([]);
    const { breaches, warnings } = counted(limits, [soft, over]);
    expect(breaches).toEqual([]);
    expect(warnings).toMatchObject([{ resource: 'memory', value: 101, limit: 90, samples: 2 }]);
  });

  it('tells apart what was broken before', () => {
    const { breaches } = counted({ breachThreshold: 1 }, [over]);
    expect(newBreaches([], breaches)).toEqual(breaches);
    expect(newBreaches(breaches, breaches)).toEqual([]);
  });
});

const running = (resources: Resources) =>
  new World({ compile: 'none', resources: { breachThreshold: 1, ...resources } }).starts().check(true);

describe('a limit that is broken', () => {
  it('with restart, gets the process replaced when it is not kept again in time', () => {
    const world = running({}).sample('greedy');
    expect(world.state).toBe('degraded');
    expect(world.advance(10_000).state).toBe('restarting.terminating');
  });

  it('with degrade, is borne for as long as it lasts', () => {
    const world = running({ onMemory: 'degrade' }).sample('greedy').advance(3_600_000);
    expect(world.state).toBe('degraded');
    expect(world.emittedOf('resource-exhaustion')).toMatchObject([{ resource: 'memory', action: 'degrade' }]);
    expect(world.sample('modest').state).toBe('running');
  });

  it('with report, is told, and nothing else', () => {
    const world = running({ onMemory: 'report' }).sample('greedy', 'greedy').check(false).check(true);
    expect(world.state).toBe('running');
    expect(world.context.trouble).toBeNull();
    expect(world.emittedOf('resource-exhaustion')).toMatchObject([{ resource: 'memory', action: 'report' }]);
    world.sample('modest', 'greedy');
    expect(world.emittedOf('resource-exhaustion')).toHaveLength(2);
  });

  it('with report, does not keep the sidecar degraded when something else was wrong', () => {
    const world = running({ onMemory: 'report' }).sample('greedy').check(false, false, false);
    expect(world.state).toBe('degraded');
    expect(world.check(true).state).toBe('running');
  });

  it('that is borne does not hide failing health, which has its whole time to recover', () => {
    const world = running({ onMemory: 'degrade' }).sample('greedy').advance(9999);
    world.check(false, false, false);
    expect(world.state).toBe('degraded');
    expect(world.context.trouble).toMatchObject({ type: 'unhealthy' });
    expect(world.advance(9999).state).toBe('degraded');
    expect(world.advance(1).state).toBe('restarting.terminating');
  });

  it('that is borne does not hide another that is not', () => {
    const world = running({ onMemory: 'degrade' }).sample('greedy', spinningSample);
    expect(world.context.trouble).toMatchObject({ breach: { resource: 'cpu' } });
    expect(world.advance(10_000).state).toBe('restarting.terminating');
  });

  it('and borne is all that is left once health is well again, and then nothing is replaced', () => {
    const world = running({ onMemory: 'degrade' }).check(false, false, false).sample('greedy');
    expect(world.context.trouble).toMatchObject({ type: 'unhealthy' });
    world.check(true).advance(3_600_000);
    expect(world.state).toBe('degraded');
    expect(world.context.trouble).toMatchObject({ type: 'limit', breach: { resource: 'memory' } });
    expect(world.emittedOf('unhealthy').map(({ cause }) => cause.type)).toEqual(['unhealthy', 'limit']);
    expect(world.sample('modest').state).toBe('running');
  });

  it('in K of N samples, is kept again only once fewer are over it', () => {
    const world = running({ breachThreshold: 2, breachWindow: 3 }).sample('greedy', 'modest', 'greedy');
    expect(world.state).toBe('degraded');
    expect(world.sample('modest').state).toBe('running');
    const again = running({ breachThreshold: 2, breachWindow: 3 }).sample('greedy', 'greedy', 'modest');
    expect(again.state).toBe('degraded');
    expect(again.sample('modest').state).toBe('running');
  });

  it('while it is recompiled, counts as it would otherwise', () => {
    const world = new World({ resources: { breachThreshold: 1, onMemory: 'degrade' } })
      .compiles()
      .starts()
      .check(true)
      .send('RELOAD')
      .sample('greedy')
      .check(false, false, false);
    expect(world.context.trouble).toMatchObject({ type: 'unhealthy' });
    world.check(true);
    expect(world.context.trouble).toMatchObject({ type: 'limit' });
    expect(world.failsToCompile().state).toBe('degraded');
    expect(world.advance(3_600_000).state).toBe('degraded');
  });
});

describe('a soft limit', () => {
  const softly = { maxMemoryMB: 1000, softMemoryMB: 512, breachThreshold: 2 };

  it('is told once, and again when it has been kept meanwhile', () => {
    const world = running(softly).sample('greedy', 'greedy', 'greedy', 'greedy');
    expect(world.emittedOf('resource-warning')).toEqual([
      { type: 'resource-warning', resource: 'memory', value: 600, limit: 512 },
    ]);
    world.sample('modest', 'greedy', 'greedy');
    expect(world.emittedOf('resource-warning')).toHaveLength(2);
  });

  it('changes nothing else', () => {
    const world = running(softly).sample('greedy', 'greedy', 'greedy');
    expect(world.state).toBe('running');
    expect(world.emittedOf('resource-exhaustion')).toEqual([]);
    expect(greedySample.memoryMB).toBeLessThan(1000);
  });
});
