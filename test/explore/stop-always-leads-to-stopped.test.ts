import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChartConfig } from './chart.js';
import { choices, play } from './moves.js';
import { World } from './world.js';

const configs: readonly ChartConfig[] = [
  {},
  { compile: 'none' },
  { process: { stopTimeout: 0, killTimeout: 1 } },
  { compile: 'none', process: { autoRestart: false, stopTimeout: 100, killTimeout: 50 } },
  { lazy: true, healthCheck: { readiness: { type: 'http' } } },
];

describe('a STOP', () => {
  it('has led to stopped once stopTimeout and killTimeout are over, whatever happened and happens', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...configs),
        choices(40),
        fc.constantFrom('command', 'host'),
        choices(25),
        (config, past, source, future) => {
          const world = new World(config);
          play(world, past, {}, () => {});
          const { stopTimeout, killTimeout } = world.config.process;
          const deadline = world.clock.now() + stopTimeout + killTimeout;
          const generation = world.context.generation;
          if (source === 'command') world.send('STOP');
          else world.report({ type: 'host.exiting', signal: 'SIGINT' });

          const expectStopping = () => {
            expect(world.state).toMatch(world.clock.now() < deadline ? /^stopp/ : /^stopped$/);
            expect(world.context.generation, 'incarnations').toBe(generation);
            expect(world.compilations.size, 'compilers').toBe(0);
          };
          expectStopping();
          play(world, future, { commands: ['STOP', 'RELOAD'] }, expectStopping);
          world.advance(Math.max(0, deadline - world.clock.now()));
          expectStopping();
        },
      ),
      { numRuns: 250 },
    );
  });
});
