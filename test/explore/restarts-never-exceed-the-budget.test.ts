import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChartConfig } from './chart.js';
import { choices, play } from './moves.js';
import { World } from './world.js';

const budgets = fc.record({
  maxRestarts: fc.integer({ min: 0, max: 3 }),
  restartWindow: fc.constantFrom(2000, 20_000, 100_000),
  restartDelay: fc.constantFrom(0, 500, 2000),
  maxRestartDelay: fc.constantFrom(2000, 10_000),
  restartJitter: fc.constantFrom(0, 0.2, 1),
  stopTimeout: fc.constantFrom(0, 1000),
  killTimeout: fc.constant(1000),
});

const luck = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 5 });

/** Times of automatic restarts, apart from each other where the budget was filled up again between them. */
type Stretch = number[];

/** When processes were started again by the chart itself. */
function automaticStarts(world: World): Stretch {
  return world.transitions
    .filter(({ from, to }) => from === 'restarting.backingOff' && to === 'spawning')
    .map(({ time }) => time);
}

function automaticDecisions(world: World): Stretch {
  return world.transitions.filter(({ to }) => to === 'restarting.backingOff').map(({ time }) => time);
}

function expectWithinBudget(times: Stretch, { config: { process } }: World): void {
  const { maxRestarts, restartWindow } = process;
  for (const end of times) {
    const inWindow = times.filter((time) => time <= end && end - time < restartWindow);
    expect(inWindow.length, `restarts at ${inWindow} in ${restartWindow} ms`).toBeLessThanOrEqual(
      maxRestarts,
    );
  }
}

/** What makes nobody's `stableAfter` end, so that nothing fills the budget up. */
const neverStable = 2_000_000_000;

describe('automatic restarts in any window never exceed maxRestarts', () => {
  const property = (timesOf: (world: World) => Stretch) =>
    fc.property(budgets, luck, choices(150), (budget, numbers, picks) => {
      let drawn = 0;
      const random = () => numbers[drawn++ % numbers.length] ?? 0;
      const config: ChartConfig = { compile: 'none', process: { ...budget, stableAfter: neverStable } };
      const world = new World(config, { random });
      play(world, picks, { commands: [] }, () => {});
      expectWithinBudget(timesOf(world), world);
    });

  it('counted when they are decided, whatever the causes and delays', () => {
    fc.assert(property(automaticDecisions), { numRuns: 150 });
  });

  it('counted when the process is started, whatever the causes and delays', () => {
    fc.assert(property(automaticStarts), { numRuns: 150 });
  });

  it('a delay that chance made short does not bring two restarts together', () => {
    const delays = [0, 0.99];
    const world = new World(
      {
        compile: 'none',
        process: {
          maxRestarts: 1,
          restartWindow: 1000,
          restartDelay: 900,
          maxRestartDelay: 900,
          restartJitter: 1,
        },
      },
      { random: () => delays.shift() ?? 0 },
    );
    world.starts().exits();
    world.advance(900).starts();
    world.advance(100).exits();
    world.advance(900);
    expectWithinBudget(automaticStarts(world), world);
  });

  it('each cause counts the same', () => {
    const world = new World({
      compile: 'none',
      process: { maxRestarts: 4, restartDelay: 0, stableAfter: neverStable },
      healthCheck: { failureThreshold: 1, degradedTimeout: 1000 },
      resources: { breachThreshold: 1 },
    });
    const causes: (() => unknown)[] = [
      () => world.starts().exits(),
      () => world.failsToStart(false),
      () => world.starts().advance(30_000).exits(),
      () => world.starts().check(true, false).advance(1000).exits(),
      () => world.starts().check(true).sample('greedy').advance(1000).exits(),
    ];
    for (const cause of causes) {
      cause();
      world.advance(0);
    }
    expect(world.emittedOf('restart-scheduled').map(({ attempt, cause }) => [attempt, cause.type])).toEqual([
      [1, 'exited'],
      [2, 'spawn-failed'],
      [3, 'timeout'],
      [4, 'unhealthy'],
    ]);
    expect(world.emittedOf('restarts-exhausted')).toMatchObject([{ restarts: 4, cause: { type: 'limit' } }]);
    expect(world.context.reason).toBe('restarts-exhausted');
  });

  it('between two times that stableAfter filled the budget up', () => {
    fc.assert(
      fc.property(budgets, fc.constantFrom(1000, 10_000), choices(150), (budget, stableAfter, picks) => {
        const world = new World({ compile: 'none', process: { ...budget, restartJitter: 0, stableAfter } });
        play(world, picks, { commands: [] }, () => {});
        for (const stretch of stretches(world, stableAfter)) expectWithinBudget(stretch, world);
      }),
      { numRuns: 150 },
    );
  });
});

/** Cuts the restarts wherever the sidecar had been in `running` for `stableAfter`. */
function stretches({ transitions }: World, stableAfter: number): Stretch[] {
  const found: Stretch[] = [[]];
  let runningSince: number | null = null;
  for (const { time, to } of transitions) {
    if (runningSince !== null && time - runningSince >= stableAfter) found.push([]);
    runningSince = to === 'running' ? time : null;
    if (to === 'restarting.backingOff') found.at(-1)?.push(time);
  }
  return found;
}
