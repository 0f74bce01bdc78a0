import { describe, expect, it } from 'vitest';
import type { ChartConfig } from '../explore/chart.js';
import { World } from '../explore/world.js';

const healthy = (config: ChartConfig = {}) => new World(config).compiles().starts().check(true);

describe('STOP', () => {
  it('asks the process to end, kills it after stopTimeout, and gives it up after killTimeout', () => {
    const world = healthy().send('STOP').advance(100_000);
    expect(world.orders.slice(1)).toEqual([
      { type: 'process.terminate', generation: 1, time: 0 },
      { type: 'process.kill', generation: 1, time: 10_000 },
    ]);
    expect(world.transitions.at(-1)).toMatchObject({ to: 'stopped', time: 15_000 });
    expect(world.emittedOf('stopped')).toMatchObject([{ reason: 'unkillable' }]);
  });

  it('during a termination keeps its grace period: one SIGTERM, SIGKILL at the first deadline', () => {
    const world = healthy().send('RESTART').advance(4000).send('STOP');
    expect(world.state).toBe('stopping.terminating');
    world.advance(5999);
    expect(world.ordered).toEqual(['process.spawn', 'process.terminate']);
    world.advance(1);
    expect(world.ordered).toEqual(['process.spawn', 'process.terminate', 'process.kill']);
    expect(world.exits().state).toBe('stopped');
    expect(world.context.reason).toBe('requested');
  });

  it('aborts the compiler', () => {
    const world = new World().send('STOP');
    expect(world.state).toBe('stopped');
    expect(world.compilations.size).toBe(0);
  });

  it('waits for the whole group', () => {
    const world = healthy().send('STOP').exits(2);
    expect(world.state).toBe('stopping.terminating');
    expect(world.empties().state).toBe('stopped');
  });

  it('ends a process that was just being started', () => {
    const world = new World().compiles().send('STOP').starts();
    expect(world.state).toBe('stopping.terminating');
    expect(world.exits().state).toBe('stopped');
  });

  it('is done when the start fails', () => {
    expect(new World().compiles().send('STOP').failsToStart(false).state).toBe('stopped');
  });

  it('watches nothing any more', () => {
    const world = healthy().send('STOP');
    expect([world.healthWatchers.size, world.resourceWatchers.size]).toEqual([0, 0]);
  });

  it('comes from the host too', () => {
    const world = healthy().report({ type: 'host.exiting', signal: 'SIGINT' });
    expect(world.state).toBe('stopping.terminating');
    expect(world.transitions.at(-1)?.cause).toEqual({ type: 'command', command: 'STOP' });
  });
});

describe('while stopping', () => {
  it.each(['START', 'RESTART'] as const)('%s is remembered: stop, then start again', (command) => {
    const world = healthy().send('STOP', command);
    expect(world.state).toBe('stopping.terminating');
    world.exits();
    expect(world.transitions.slice(-2).map(({ to }) => to)).toEqual(['stopped', 'compiling']);
    expect(world.emittedOf('stopped')).toMatchObject([{ reason: 'requested' }]);
    expect(world.context).toMatchObject({ startAgain: false, reason: null, restarts: [] });
  });

  it('a STOP after that wins', () => {
    const world = healthy().send('STOP', 'START', 'RESTART', 'STOP').exits();
    expect(world.state).toBe('stopped');
    expect(world.advance(1_000_000).state).toBe('stopped');
  });

  it('so does the end of the host', () => {
    const world = healthy().send('STOP', 'START').report({ type: 'host.exiting', signal: 'SIGTERM' });
    expect(world.exits().state).toBe('stopped');
  });

  it('what was remembered is dropped when the process can not be killed', () => {
    const world = healthy().send('STOP', 'START').advance(15_000);
    expect(world.state).toBe('stopped');
    expect(world.exits().state).toBe('stopped');
  });
});

describe('an unkillable process', () => {
  const unkillable = () => healthy().send('STOP').advance(15_000);

  it.each(['START', 'RESTART'] as const)('is killed again by %s before another is spawned', (command) => {
    const world = unkillable().send(command);
    expect(world.state).toBe('restarting.killing');
    expect(world.ordered).toEqual(['process.spawn', 'process.terminate', 'process.kill', 'process.kill']);
    expect(world.exits().state).toBe('compiling');
    world.compiles();
    expect(world.ordered.at(-1)).toBe('process.spawn');
  });

  it('leaves the sidecar stopped when it still can not be killed', () => {
    const world = unkillable().send('START').advance(5000);
    expect(world.state).toBe('stopped');
    expect(world.context.reason).toBe('unkillable');
  });

  it('that ends at last is no obstacle', () => {
    const world = unkillable().exits(1).empties().send('START');
    expect(world.state).toBe('compiling');
  });

  it('can end a restart too', () => {
    const world = healthy().send('RESTART').advance(15_000);
    expect(world.emittedOf('stopped')).toMatchObject([{ reason: 'unkillable' }]);
  });
});
