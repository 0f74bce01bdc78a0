import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChartConfig } from './chart.js';
import { choices, play } from './moves.js';
import { World } from './world.js';

const configs: readonly ChartConfig[] = [
  {},
  { compile: 'none', process: { restartDelay: 1000, maxRestarts: 50 } },
  { process: { autoRestart: false, stopTimeout: 0, killTimeout: 1 } },
  { lazy: true, compile: 'none' },
];

const areEmpty: readonly string[] = ['compiling', 'restarting.backingOff', 'stopped'];

describe('in stopped, compiling and restarting.backingOff no process is alive', () => {
  it('whatever happens, but for one that could not be killed, which stopped names', () => {
    fc.assert(
      fc.property(fc.constantFrom(...configs), choices(80), (config, picks) => {
        const world = new World(config);
        play(world, picks, {}, () => {
          if (!areEmpty.includes(world.state)) return;
          if (world.state === 'stopped' && world.context.reason === 'unkillable') return;
          expect([...world.processes], `processes in ${world.state}`).toEqual([]);
        });
      }),
      { numRuns: 250 },
    );
  });
});
