import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChartConfig } from './chart.js';
import { choices, play } from './moves.js';
import { World, type WorldOptions } from './world.js';

const configs: Readonly<Record<string, ChartConfig>> = {
  'the defaults': {},
  'no compile step': { compile: 'none' },
  'no patience': { compile: 'none', process: { stopTimeout: 0, killTimeout: 1, restartDelay: 0 } },
  'no restarts': { process: { autoRestart: false } },
  'a lazy start and a readiness check': { lazy: true, healthCheck: { readiness: { type: 'http' } } },
};

/** What must hold however the world goes on. */
function expectAtMostOne({
  processes,
  healthWatchers,
  resourceWatchers,
  compilations,
  context,
}: World): void {
  const actors = {
    'process groups': [...processes].map(({ generation }) => generation),
    'health actors': [...healthWatchers].map(({ generation }) => generation),
    'resource actors': [...resourceWatchers],
    compilers: [...compilations],
  };
  const tooMany = Object.entries(actors).filter(([, found]) => found.length > 1);
  expect(tooMany, 'more than one at once').toEqual([]);
  const watched = [...actors['health actors'], ...actors['resource actors']];
  expect(
    watched.filter((generation) => generation !== context.generation),
    'watched too long',
  ).toEqual([]);
}

function explore(config: ChartConfig, options: WorldOptions, numRuns: number): void {
  fc.assert(
    fc.property(choices(), (picks) => {
      play(new World(config, options), picks, {}, expectAtMostOne);
    }),
    { numRuns },
  );
}

describe('at most one process of a sidecar is alive at any time', () => {
  it.each(Object.entries(configs))('whatever happens, with %s', (_, config) => explore(config, {}, 60));

  it('even when a start outlasts SIGKILL and succeeds after the sidecar was given up', () => {
    explore({ compile: 'none', process: { killTimeout: 1 } }, { startsCanHang: true }, 100);
  });

  it('a start that hangs is ended before another one begins', () => {
    const world = new World({ compile: 'none' }, { startsCanHang: true });
    world.advance(30_000 + 10_000 + 5000);
    expect(world.state).toBe('stopped');
    world.starts().send('START');
    expect(world.ordered.filter((type) => type === 'process.spawn')).toHaveLength(1);
    expect(world.state).toBe('restarting.killing');
    world.exits();
    expect(world.state).toBe('spawning');
    expectAtMostOne(world);
  });
});

describe('a process is asked to end once, and then killed', () => {
  it('whatever happens', () => {
    fc.assert(
      fc.property(choices(), (picks) => {
        const world = new World();
        play(world, picks, {}, () => {
          const asked = world.orders.filter(({ type }) => type === 'process.terminate');
          const generations = asked.map(({ generation }) => generation);
          expect(new Set(generations).size, `asked to end: ${generations}`).toBe(generations.length);
        });
      }),
      { numRuns: 100 },
    );
  });
});
