import { describe, expect, it } from 'vitest';
import { compileFailure } from '../explore/reports.js';
import { World } from '../explore/world.js';

const healthy = () => new World().compiles().starts().check(true);
const unhealthy = () => healthy().check(false, false, false);

describe('RELOAD', () => {
  it('keeps the old process until the compilation is done', () => {
    const world = healthy().send('RELOAD').advance(200_000);
    expect(world.state).toBe('restarting.recompiling');
    expect(world.ordered).toEqual(['process.spawn']);
    expect(world.healthWatchers.size).toBe(1);
    world.compiles();
    expect(world.ordered).toEqual(['process.spawn', 'process.terminate']);
    world.exits();
    expect(world.state).toBe('spawning');
    expect(world.context.compilation).toBe(2);
  });

  it('keeps the old process when the compilation fails, and says so', () => {
    const world = healthy().send('RELOAD').failsToCompile();
    expect(world.state).toBe('running');
    expect(world.ordered).toEqual(['process.spawn']);
    expect(world.emittedOf('compile-failed')).toEqual([{ type: 'compile-failed', failure: compileFailure }]);
  });

  it('clears the budget only when the compilation worked', () => {
    const afterCrash = () => healthy().exits().advance(5000).starts().check(true).send('RELOAD');
    expect(afterCrash().failsToCompile().context.restarts).toHaveLength(1);
    expect(afterCrash().compiles().context.restarts).toEqual([]);
  });

  it('does not take a compilation that was replaced for the present one', () => {
    const world = healthy().send('RELOAD', 'RELOAD');
    world.report({ type: 'compile.done', compilation: 2, outcome: 'compiled', duration: 1 });
    expect(world.state).toBe('restarting.recompiling');
    world.report({ type: 'compile.failed', compilation: 2, failure: compileFailure });
    expect(world.state).toBe('restarting.recompiling');
    expect(world.emittedOf('compile-failed')).toEqual([]);
    expect(world.compiles().state).toBe('restarting.terminating');
  });

  it('spawns at once when the old process died meanwhile', () => {
    const world = healthy().send('RELOAD').exits();
    expect(world.state).toBe('restarting.recompiling');
    expect(world.emittedOf('process-death')).toHaveLength(1);
    expect(world.healthWatchers.size).toBe(0);
    expect(world.compiles().state).toBe('spawning');
    expect(world.context.restarts).toEqual([]);
  });

  it('counts an automatic restart when the old process died meanwhile and the compilation fails', () => {
    const world = healthy().send('RELOAD').exits().failsToCompile();
    expect(world.state).toBe('restarting.backingOff');
    expect(world.emittedOf('restart-scheduled')).toMatchObject([{ attempt: 1, cause: { type: 'exited' } }]);
  });

  it('ends what the old process left of its group, whether the compilation works or not', () => {
    const works = healthy().send('RELOAD').exits(2).compiles();
    expect(works.state).toBe('restarting.terminating');
    expect(works.empties().state).toBe('spawning');
    const fails = healthy().send('RELOAD').exits(2).failsToCompile();
    expect(fails.state).toBe('restarting.terminating');
    expect(fails.empties().state).toBe('restarting.backingOff');
  });

  it('compiles again in compiling', () => {
    const world = new World().send('RELOAD');
    world.report({ type: 'compile.done', compilation: 1, outcome: 'compiled', duration: 1 });
    expect(world.state).toBe('compiling');
    expect([...world.compilations]).toEqual([2]);
  });
});

describe('a failed reload is told from what else happened:', () => {
  it('a process that became unhealthy meanwhile is unhealthy because of its checks', () => {
    const world = healthy().send('RELOAD').check(false, false, false).failsToCompile();
    expect(world.state).toBe('degraded');
    expect(world.emittedOf('unhealthy')).toMatchObject([{ cause: { type: 'unhealthy', failures: 3 } }]);
  });

  it('a process that went over a limit meanwhile is degraded because of the limit', () => {
    const world = healthy().send('RELOAD').sample('greedy', 'greedy', 'greedy').failsToCompile();
    expect(world.state).toBe('degraded');
    expect(world.emittedOf('unhealthy')).toMatchObject([{ cause: { type: 'limit' } }]);
  });

  it('the restart that follows from that has the same cause', () => {
    const world = healthy().send('RELOAD').check(false, false, false).failsToCompile();
    world.advance(10_000).exits();
    expect(world.emittedOf('restart-scheduled')).toMatchObject([{ cause: { type: 'unhealthy' } }]);
  });

  it('a process that got well meanwhile has recovered', () => {
    const world = unhealthy().send('RELOAD').check(true).failsToCompile();
    expect(world.state).toBe('running');
    expect(world.emittedOf('recovered')).toHaveLength(1);
  });

  it('a process that was well all the time has not recovered', () => {
    const world = healthy().send('RELOAD').failsToCompile();
    expect(world.emittedOf('recovered')).toEqual([]);
  });

  it('a process that was unhealthy all the time still is, for the same reason', () => {
    const world = unhealthy().send('RELOAD').failsToCompile();
    expect(world.state).toBe('degraded');
    expect(world.context.trouble).toMatchObject({ type: 'unhealthy', failures: 3 });
  });
});
