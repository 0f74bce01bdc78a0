import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SidecarCommand } from '../../machines/sidecar.types.js';
import type { ChartConfig } from './chart.js';
import { choices, play } from './moves.js';
import { World } from './world.js';

const configs: readonly ChartConfig[] = [
  {},
  { compile: 'none', healthCheck: { successThreshold: 3, failureThreshold: 2 } },
  { healthCheck: { successThreshold: 2, failureThreshold: 1 }, resources: { breachThreshold: 1 } },
];

/** Often without those that end a process, so that more happens to one. */
const commands = fc.constantFrom<SidecarCommand['type'][]>(
  ['START', 'RELOAD'],
  ['START', 'RELOAD', 'RESTART', 'STOP'],
);

describe('running', () => {
  it('is entered only by passing checks of the process that is alive now', () => {
    fc.assert(
      fc.property(fc.constantFrom(...configs), choices(80), commands, (config, picks, given) => {
        const world = new World(config);
        const { successThreshold, failureThreshold } = world.config.healthCheck;
        let seen = 0;
        play(world, picks, { commands: given }, () => {
          const entered = world.transitions.slice(seen).filter(({ to }) => to === 'running');
          seen = world.transitions.length;
          for (const { generation, from } of entered) {
            const process = [...world.processes].find((each) => each.generation === generation);
            expect(process?.phase).toBe('alive');
            const results = process?.results ?? [];
            if (from === 'restarting.recompiling') {
              // After a failed reload it is where it was: it did pass, and has not failed too often since.
              expect(results.lastIndexOf(true), `the checks of ${generation}`).toBeGreaterThan(
                results.length - 1 - failureThreshold,
              );
            } else {
              const last = results.slice(-successThreshold);
              expect(last, `the last checks of ${generation}`).toEqual(Array(successThreshold).fill(true));
            }
          }
        });
      }),
      { numRuns: 250 },
    );
  });

  it('is left for degraded by a failed reload when the process has become unhealthy meanwhile', () => {
    const world = new World({ healthCheck: { failureThreshold: 2 } }).compiles().starts().check(true);
    world.send('RELOAD').check(false).check(false).failsToCompile();
    expect(world.state).toBe('degraded');
    expect(world.check(true).state).toBe('running');
  });

  it('is where a failed reload leads back to below the threshold', () => {
    const world = new World({ healthCheck: { failureThreshold: 2 } }).compiles().starts().check(true);
    world.send('RELOAD').check(false).failsToCompile();
    expect(world.state).toBe('running');
    expect(world.check(false).state).toBe('degraded');
  });

  it('is not entered by a passing check of the process before', () => {
    const world = new World({ compile: 'none' }).starts().check(true);
    const [old] = world.reports.filter(({ type }) => type === 'health.checked');
    world.exits().advance(5000).starts();
    if (old !== undefined) world.report(old);
    expect(world.state).toBe('waitingHealthy');
  });
});
