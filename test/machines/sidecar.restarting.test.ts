import { describe, expect, it } from 'vitest';
import type { ChartConfig } from '../explore/chart.js';
import { World } from '../explore/world.js';

const healthy = (config: ChartConfig = {}) => new World({ ...config, compile: 'none' }).starts().check(true);

describe('RESTART', () => {
  it('ends the process, compiles, and spawns, without waiting', () => {
    const world = new World().compiles().starts().check(true).send('RESTART').exits().compiles();
    expect(world.state).toBe('spawning');
    expect(world.clock.now()).toBe(0);
    expect(world.emittedOf('restart-scheduled')).toEqual([]);
  });

  it('cuts a wait short and takes its timer along', () => {
    const world = new World().compiles().starts().exits().send('RESTART');
    expect(world.state).toBe('compiling');
    expect(world.advance(100_000).state).toBe('compiling');
  });

  it('compiles again while compiling, and clears nothing that is not there', () => {
    const world = new World().send('RESTART');
    expect([...world.compilations]).toEqual([2]);
  });
});

describe('a crash', () => {
  it('that leaves others of the group behind ends them first', () => {
    const world = healthy().exits(3);
    expect(world.state).toBe('restarting.terminating');
    expect(world.ordered).toEqual(['process.spawn', 'process.terminate']);
    expect(world.empties().state).toBe('restarting.backingOff');
    expect(world.emittedOf('restart-scheduled')).toMatchObject([{ cause: { type: 'exited' } }]);
  });

  it('is restarted in the same turn when there is no delay, and counts', () => {
    const world = healthy({ process: { restartDelay: 0 } }).exits();
    expect(world.state).toBe('spawning');
    expect(world.clock.now()).toBe(0);
    expect(world.emittedOf('restart-scheduled')).toMatchObject([{ attempt: 1, delay: 0 }]);
    expect(world.emittedOf('transition').map(({ record }) => record.to)).toContain('restarting.backingOff');
  });

  it('of a process before is none', () => {
    const world = healthy().exits().advance(5000).starts().check(true);
    const [exited] = world.reports.filter(({ type }) => type === 'process.exited');
    if (exited !== undefined) world.report(exited);
    expect(world.state).toBe('running');
  });
});

describe('the budget', () => {
  it('ends in stopped when it is used up', () => {
    const world = healthy({ process: { maxRestarts: 1 } })
      .exits()
      .advance(5000)
      .starts()
      .exits();
    expect(world.emittedOf('restarts-exhausted')).toMatchObject([{ restarts: 1, cause: { type: 'exited' } }]);
    expect(world.context.reason).toBe('restarts-exhausted');
    expect(world.send('START').context).toMatchObject({ restarts: [], lastExit: null, trouble: null });
  });

  it('is full again after stableAfter in running, and not before', () => {
    const recovered = () => healthy().exits().advance(5000).starts().check(true);
    expect(recovered().advance(59_999).context).toMatchObject({ consecutiveRestarts: 1 });
    expect(recovered().advance(59_999).context.restarts).toHaveLength(1);
    expect(recovered().advance(60_000).context).toMatchObject({ consecutiveRestarts: 0, restarts: [] });
  });

  it('is not filled up by time in other states', () => {
    const world = healthy({ healthCheck: { degradedTimeout: 1_000_000, startupTimeout: 1_000_000 } });
    world.exits().advance(5000).starts().advance(70_000);
    expect(world.context.restarts, 'after waitingHealthy').toHaveLength(1);
    world.check(true).advance(30_000).check(false, false, false).advance(30_000).check(true).advance(59_999);
    expect(world.context.restarts, 'after degraded').toHaveLength(1);
    expect(world.advance(1).context.restarts).toEqual([]);
  });

  it('gets back what is older than the window, though the backoff goes on', () => {
    const world = healthy({ process: { maxRestarts: 1, restartWindow: 20_000 } });
    world.exits().advance(5000).starts().advance(20_000).exits();
    expect(world.emittedOf('restart-scheduled')).toMatchObject([
      { attempt: 1, delay: 5000 },
      { attempt: 1, delay: 10_000 },
    ]);
  });
});

describe('without automatic restarts', () => {
  const process = { autoRestart: false };

  it('a process that ends by itself is gone', () => {
    expect(healthy({ process }).exits().context.reason).toBe('exited');
    expect(healthy({ process }).exits(1).empties().context.reason).toBe('exited');
  });

  it('a start that takes too long ends in stopped', () => {
    const world = new World({ compile: 'none', process }).starts().advance(30_000).exits();
    expect(world.context.reason).toBe('auto-restart-disabled');
  });

  it('a degraded sidecar stays as it is until told', () => {
    const world = healthy({ process }).check(false, false, false).advance(10_000_000);
    expect(world.state).toBe('degraded');
    expect(world.send('RESTART').exits().state).toBe('spawning');
  });
});
