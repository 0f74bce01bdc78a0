import { describe, expect, it } from 'vitest';
import { explainTransition } from '../../machines/explain.js';
import { taken } from '../explore/reports.js';
import { World } from '../explore/world.js';

const healthy = () => new World().compiles().starts().check(true);

describe('a sidecar that another program takes over', () => {
  it.each([
    ['compiling', () => new World(), 'stopped'],
    ['spawning', () => new World().compiles(), 'stopping.terminating'],
    ['waitingHealthy', () => new World().compiles().starts(), 'stopping.terminating'],
    ['running', healthy, 'stopping.terminating'],
    ['degraded', () => healthy().sample('greedy', 'greedy', 'greedy'), 'stopping.terminating'],
    ['restarting.recompiling', () => healthy().send('RELOAD'), 'stopping.terminating'],
    ['restarting.recompiling', () => healthy().send('RELOAD').exits(), 'stopped'],
    ['restarting.terminating', () => healthy().send('RESTART'), 'stopping.terminating'],
    ['restarting.killing', () => healthy().send('RESTART').advance(10_000), 'stopping.killing'],
    ['restarting.backingOff', () => healthy().exits(), 'stopped'],
    ['stopping.terminating', () => healthy().send('STOP'), 'stopping.terminating'],
    ['stopped', () => healthy().send('STOP').exits(), 'stopped'],
  ] as const)('while %s is ended, and stays so', (state, make, expected) => {
    const world = make();
    expect(world.state).toBe(state);
    expect(world.isTaken().state).toBe(expected);
    if (world.processes.size > 0) world.exits();
    expect(world.state).toBe('stopped');
    expect(world.context.reason).toBe(state === 'stopped' ? 'requested' : 'taken');
    expect(world.advance(1_000_000).state).toBe('stopped');
  });

  it('forgets a start that was to follow, and says who has it', () => {
    const world = healthy().send('STOP', 'START').isTaken().exits();
    expect(world.state).toBe('stopped');
    expect(world.emittedOf('stopped')).toMatchObject([{ reason: 'taken', cause: { type: 'taken' } }]);
    expect(world.transitions.map(explainTransition).at(-1)).toBe(
      'it was taken over: another program (pid 4242: node other.js) runs it now',
    );
  });

  it('is started again when somebody asks for it', () => {
    const world = healthy().report(taken).exits().send('START');
    expect(world.state).toBe('compiling');
    expect(world.context).toMatchObject({ reason: null, trouble: null });
  });
});

describe('other programs may have a sidecar', () => {
  it('while it is stopped, and only then', () => {
    const world = healthy();
    expect(world.releases).toBe(0);
    expect(world.exits().releases).toBe(0);
    expect(world.send('STOP').releases).toBe(1);
    expect(world.send('START').releases).toBe(1);
  });
});
