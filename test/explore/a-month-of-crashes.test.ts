import { describe, expect, it } from 'vitest';
import type { ChartConfig } from './chart.js';
import { World } from './world.js';

const DAY = 24 * 60 * 60 * 1000;
const MONTH = 30 * DAY;

/** Chance, the same in each run. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

interface Backoff {
  readonly restartDelay: number;
  readonly backoffFactor: number;
  readonly maxRestartDelay: number;
  readonly restartJitter: number;
}

/** When a program that ends `lifetime` after each start is started, worked out apart from the chart. */
function expectedStarts(
  { restartDelay, backoffFactor, maxRestartDelay, restartJitter }: Backoff,
  lifetime: number,
  random: () => number,
): number[] {
  const starts = [0];
  let delay = restartDelay;
  let time = 0;
  for (;;) {
    time += lifetime + Math.round(Math.min(delay, maxRestartDelay) * (1 - restartJitter * random()));
    if (time > MONTH) return starts;
    starts.push(time);
    delay = Math.min(delay * backoffFactor, maxRestartDelay);
  }
}

/** Lets the program start at once and end `lifetime` later, again and again, for thirty days. */
function crashForAMonth(world: World, lifetime: number): void {
  while (world.clock.now() <= MONTH && world.state !== 'stopped') {
    if (world.state === 'spawning') {
      world.starts().advance(lifetime).exits();
    } else {
      world.clock.advanceToNext();
    }
  }
}

function startsOf({ orders }: World): number[] {
  return orders.filter(({ type, time }) => type === 'process.spawn' && time <= MONTH).map(({ time }) => time);
}

/** Restarts that are rarer than the window never use the budget up. */
const patient: Backoff = {
  restartDelay: 5000,
  backoffFactor: 2,
  maxRestartDelay: 10 * 60 * 1000,
  restartJitter: 0,
};

describe('thirty simulated days of crash-looping give exactly the computed delays', () => {
  it.each<[string, Backoff, number]>([
    ['with jitter', { ...patient, restartJitter: 0.2 }, 0],
    ['with a program that lives for ten seconds', { ...patient, restartJitter: 0.2 }, 10_000],
    ['with another factor', { ...patient, backoffFactor: 1.5, restartDelay: 4321 }, 1],
  ])('%s', (_, backoff, lifetime) => {
    const config: ChartConfig = { compile: 'none', process: { ...backoff, maxRestarts: 1000 } };
    const world = new World(config, { random: chance(7) });
    crashForAMonth(world, lifetime);
    const starts = startsOf(world);
    expect(starts).toEqual(expectedStarts(backoff, lifetime, chance(7)));
    expect(starts.length).toBeGreaterThan(4000);
    expect(world.context.history.length).toBeLessThanOrEqual(100);
    expect(world.context.restarts.length).toBeLessThanOrEqual(10);
  });

  it('or end early, when the budget is used up', () => {
    const world = new World({ compile: 'none' });
    crashForAMonth(world, 0);
    expect(startsOf(world)).toEqual([0, 5000, 15_000, 35_000, 75_000, 135_000]);
    expect(world.context.reason).toBe('restarts-exhausted');
  });

  it('or never grow, when the program was stable each time', () => {
    const world = new World({ compile: 'none', process: { stableAfter: 60_000 } });
    for (let crash = 1; crash <= 500; crash += 1) {
      world.starts().check(true).advance(60_000).exits();
      expect(world.context).toMatchObject({ backoff: { delay: 5000 }, consecutiveRestarts: 1 });
      world.advance(5000);
    }
    expect(world.clock.now()).toBe(500 * 65_000);
  });
});
