import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChartConfig } from '../explore/chart.js';
import { choices, play } from '../explore/moves.js';
import { World } from '../explore/world.js';

const healthy = (config: ChartConfig = {}) => new World(config).compiles().starts().check(true);
const stoppedIdle = () => healthy().idles().exits();

describe('a lazy sidecar', () => {
  const lazy = () => new World({ lazy: true });

  it('does nothing before its first request, and says why', () => {
    const world = lazy().advance(1_000_000);
    expect(world.transitions).toMatchObject([
      { from: null, to: 'stopped', cause: { type: 'created' }, decision: { type: 'stop', reason: 'lazy' } },
    ]);
    expect(world.emittedOf('stopped')).toMatchObject([{ reason: 'lazy', cause: null, exit: null }]);
    expect([world.compilations.size, world.ordered]).toEqual([0, []]);
  });

  it.each(['client.requested', 'START', 'RESTART'] as const)('compiles and spawns on %s', (event) => {
    const world = lazy().send(event);
    expect(world.state).toBe('compiling');
    expect(world.context.reason).toBeNull();
    expect(world.compiles().ordered).toEqual(['process.spawn']);
  });

  it('is not started by a reload', () => {
    expect(lazy().send('RELOAD').state).toBe('stopped');
  });

  it('that was told to stop is not started by a request any more', () => {
    const world = lazy().send('STOP', 'client.requested');
    expect(world.state).toBe('stopped');
    expect(world.context.reason).toBe('requested');
    expect(world.send('START').state).toBe('compiling');
  });

  it('is not started by a request while the host exits', () => {
    const world = lazy().report({ type: 'host.exiting', signal: 'SIGTERM' }).send('client.requested');
    expect(world.state).toBe('stopped');
  });
});

describe('a sidecar that is not used', () => {
  it.each([
    ['running', () => healthy()],
    ['degraded', () => healthy().check(false, false, false)],
  ])('is stopped in %s, with the reason on the way', (state, way) => {
    const world = way();
    expect(world.state).toBe(state);
    world.idles();
    expect(world.state).toBe('stopping.terminating');
    expect(world.context.reason).toBe('idle');
    expect(world.transitions.at(-1)).toMatchObject({ cause: { type: 'unused' } });
    expect(world.exits().emittedOf('stopped')).toMatchObject([{ reason: 'idle' }]);
  });

  it('is not stopped by what was said of the process before', () => {
    const world = healthy().idles().exits().send('client.requested').compiles().starts().check(true);
    const [old] = world.reports.filter(({ type }) => type === 'client.idle');
    if (old !== undefined) world.report(old);
    expect(world.state).toBe('running');
    expect(world.idles().state).toBe('stopping.terminating');
  });

  it('is started again by the next request', () => {
    const world = stoppedIdle().send('client.requested');
    expect(world.transitions.at(-1)).toMatchObject({ to: 'compiling', cause: { type: 'requested' } });
    expect(world.compiles().starts().check(true).context).toMatchObject({ generation: 2, reason: null });
  });

  it('is started again by a request that comes while it stops, once it has stopped', () => {
    const world = healthy().idles().send('client.requested');
    expect(world.state).toBe('stopping.terminating');
    world.exits();
    expect(world.transitions.slice(-2).map(({ to }) => to)).toEqual(['stopped', 'compiling']);
    expect(world.emittedOf('stopped')).toMatchObject([{ reason: 'idle' }]);
    expect(world.context).toMatchObject({ startAgain: false, reason: null });
  });

  it('stays stopped when a STOP comes while it stops, whatever was requested before and after', () => {
    const world = healthy().idles().send('client.requested', 'STOP', 'client.requested').exits();
    expect(world.state).toBe('stopped');
    expect(world.context.reason).toBe('requested');
    expect(world.send('client.requested').state).toBe('stopped');
  });

  it('stays stopped when a STOP comes once it has stopped', () => {
    const world = stoppedIdle().send('STOP', 'client.requested');
    expect(world.state).toBe('stopped');
    expect(world.context.reason).toBe('requested');
  });

  it('is not started by a request when its process could not be killed', () => {
    const world = healthy().idles().send('client.requested').advance(15_000).send('client.requested');
    expect(world.state).toBe('stopped');
    expect(world.context.reason).toBe('unkillable');
  });
});

describe('a request', () => {
  it.each([
    ['requested', () => healthy().send('STOP').exits()],
    ['compile-failed', () => new World().failsToCompile()],
    ['spawn-failed', () => new World().compiles().failsToStart(true)],
    ['restarts-exhausted', () => healthy({ process: { maxRestarts: 0 } }).exits()],
    ['exited', () => healthy({ process: { autoRestart: false } }).exits()],
  ])('does not start what is stopped because %s', (reason, way) => {
    const world = way().send('client.requested');
    expect(world.state).toBe('stopped');
    expect(world.context.reason).toBe(reason);
  });

  it('starts with the restarts of the window, and with the shortest delay', () => {
    const world = healthy().exits().advance(5000).starts().check(true).idles().exits();
    world.send('client.requested').compiles();
    expect(world.context).toMatchObject({ restarts: [5000], consecutiveRestarts: 0 });
    world.starts().exits();
    expect(world.emittedOf('restart-scheduled').at(-1)).toMatchObject({ attempt: 2, delay: 5000 });
  });

  it('never starts a sidecar that a person stopped or that failed, whatever happens', () => {
    const configs: readonly ChartConfig[] = [
      { lazy: true },
      { compile: 'none', process: { autoRestart: false } },
      { lazy: true, compile: 'none', process: { stopTimeout: 0, killTimeout: 1, restartDelay: 0 } },
    ];
    fc.assert(
      fc.property(fc.constantFrom(...configs), choices(), (config, picks) => {
        const world = new World(config);
        play(world, picks, {}, () => {
          const { transitions } = world;
          for (const [index, { from, to, decision }] of transitions.entries()) {
            const next = transitions[index + 1];
            if (next?.cause.type !== 'requested' || decision?.type !== 'stop') continue;
            expect([from === null ? 'lazy' : 'idle', to]).toEqual([decision.reason, 'stopped']);
          }
        });
      }),
      { numRuns: 60 },
    );
  });
});
