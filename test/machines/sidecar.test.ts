import { describe, expect, it } from 'vitest';
import { createActor, fromCallback } from 'xstate';
import { createSidecarChart } from '../../machines/sidecar.js';
import type { SidecarEmitted } from '../../machines/sidecar.types.js';
import { chartOf, resolveChartConfig } from '../explore/chart.js';
import { compileFailure, endpoint, exitOf, pidOf, spawnFailure } from '../explore/reports.js';
import { World } from '../explore/world.js';

const healthy = () => new World().compiles().starts().check(true);

/** What was emitted since, but for what comes with every step. */
function emittedBy(world: World, act: (world: World) => unknown): SidecarEmitted[] {
  const before = world.emitted.length;
  act(world);
  return world.emitted
    .slice(before)
    .filter(({ type }) => type !== 'transition' && type !== 'health-checked' && type !== 'output');
}

describe('a sidecar', () => {
  it('compiles, spawns, waits for its health, and runs', () => {
    const world = new World();
    const emitted = emittedBy(world, () => world.compiles().starts().check(false, true));
    expect(world.transitions.map(({ to }) => to)).toEqual([
      'compiling',
      'spawning',
      'waitingHealthy',
      'running',
    ]);
    expect(emitted).toEqual([
      { type: 'compiled', outcome: 'compiled', duration: 7 },
      { type: 'spawned', generation: 1, pid: pidOf(1), endpoint },
      { type: 'healthy', generation: 1, pid: pidOf(1) },
    ]);
  });

  it('without a compile step spawns at once, and never starts a compiler', () => {
    const world = new World({ compile: 'none' });
    expect(world.state).toBe('spawning');
    expect(world.compilations.size).toBe(0);
    world.starts().check(true).send('RELOAD');
    expect(world.state).toBe('restarting.terminating');
    expect(world.compilations.size).toBe(0);
  });

  it('is stopped by a failed compilation, with what the compiler said', () => {
    const world = new World();
    expect(emittedBy(world, () => world.failsToCompile())).toEqual([
      { type: 'compile-failed', failure: compileFailure },
      {
        type: 'stopped',
        reason: 'compile-failed',
        cause: { type: 'compile-failed', failure: compileFailure },
        exit: null,
      },
    ]);
  });

  it('is stopped by a program that can never be started', () => {
    const world = new World().compiles();
    expect(emittedBy(world, () => world.failsToStart(true))).toEqual([
      {
        type: 'stopped',
        reason: 'spawn-failed',
        cause: { type: 'spawn-failed', failure: spawnFailure(true) },
        exit: null,
      },
    ]);
  });

  it('becomes degraded and recovers', () => {
    const world = healthy();
    const emitted = emittedBy(world, () => world.check(false, false, false, true));
    expect(emitted.map(({ type }) => type)).toEqual(['unhealthy', 'recovered']);
    expect(world.state).toBe('running');
  });

  it('stays degraded while only one of health and limits is well', () => {
    const world = healthy().sample('greedy', 'greedy', 'greedy').check(true, true);
    expect(world.state).toBe('degraded');
    world.check(false).sample('modest');
    expect(world.state).toBe('degraded');
    expect(world.check(true).state).toBe('running');
  });

  it('tells of a broken limit once, and of a second breach again', () => {
    const world = healthy();
    const breach = {
      type: 'resource-exhaustion',
      resource: 'memory',
      value: 600,
      limit: 512,
      action: 'restart',
    };
    world.sample('greedy', 'greedy');
    expect(emittedBy(world, () => world.sample('greedy', 'greedy', 'greedy'))).toMatchObject([
      breach,
      { type: 'unhealthy', cause: { type: 'limit' } },
    ]);
    world.sample('modest');
    expect(emittedBy(world, () => world.sample('greedy', 'greedy', 'greedy'))[0]).toEqual(breach);
  });

  it('tells of a death and of the restart that follows', () => {
    const exit = exitOf(1);
    expect(emittedBy(healthy(), (world) => world.exits())).toEqual([
      { type: 'process-death', generation: 1, ...exit },
      {
        type: 'restart-scheduled',
        attempt: 1,
        delay: 5000,
        cause: { type: 'exited', exit, survivors: 0, meaning: null },
      },
    ]);
  });

  it('does not call it a death when the process was told to end', () => {
    const emitted = emittedBy(healthy(), (world) => world.send('STOP').exits());
    expect(emitted).toEqual([{ type: 'stopped', reason: 'requested', cause: null, exit: exitOf(1) }]);
  });

  it('hands on the output of compiler and process, but not of a process before', () => {
    const world = healthy();
    const lines = [{ stream: 'stdout', line: 'hello' }] as const;
    world.report({ type: 'compile.output', lines });
    world.report({ type: 'process.output', generation: 1, lines });
    world.report({ type: 'process.output', generation: 0, lines });
    expect(world.emittedOf('output')).toEqual([
      { type: 'output', source: 'compile', stream: 'stdout', line: 'hello' },
      { type: 'output', source: 'process', stream: 'stdout', line: 'hello' },
    ]);
  });

  it('takes a line as a hint that it may listen, until it is up', () => {
    const lines = [{ stream: 'stdout', line: 'listening' }] as const;
    const world = new World().compiles().starts();
    const hints = () => [...world.healthWatchers].flatMap(({ told }) => told);
    world.report({ type: 'process.output', generation: 0, lines });
    expect(hints()).toEqual([]);
    world.report({ type: 'process.output', generation: 1, lines });
    expect(hints()).toEqual([{ type: 'health.hint' }]);
    expect(world.emittedOf('output')).toHaveLength(1);
    world.check(true).report({ type: 'process.output', generation: 1, lines });
    expect(hints()).toHaveLength(1);
    expect(world.emittedOf('output')).toHaveLength(2);
  });

  it('paces its checks by the state, and checks at once when asked', () => {
    const world = new World().compiles().starts();
    const watcher = () => [...world.healthWatchers].map(({ pace, requests }) => ({ pace, requests }));
    expect(watcher()).toEqual([{ pace: 'startup', requests: 0 }]);
    world.check(true).send('health.requested');
    expect(watcher()).toEqual([{ pace: 'steady', requests: 1 }]);
    world.check(false, false, false);
    expect(watcher()).toEqual([{ pace: 'degraded', requests: 1 }]);
    world.check(true);
    expect(watcher()).toEqual([{ pace: 'steady', requests: 1 }]);
  });

  it.each([
    ['compiling', () => new World()],
    ['spawning', () => new World().compiles()],
    ['restarting.backingOff', () => healthy().exits()],
    ['restarting.terminating', () => healthy().send('RESTART')],
    ['restarting.recompiling', () => healthy().send('RELOAD').exits()],
    ['stopping.terminating', () => healthy().send('STOP')],
    ['stopped', () => healthy().send('STOP').exits()],
  ])('takes a wish for a check in %s, where nothing can be checked, calmly', (state, way) => {
    const world = way().send('health.requested');
    expect(world.error).toBeNull();
    expect(world.state).toBe(state);
  });

  it.each([
    ['restarting.backingOff', () => healthy().exits()],
    ['restarting.recompiling', () => healthy().send('RELOAD').exits(2)],
  ])('does not take a process for alive in %s because its start is reported twice', (state, way) => {
    const world = way();
    const before = world.context.process;
    const [spawned] = world.reports.filter(({ type }) => type === 'process.spawned');
    if (spawned !== undefined) world.report(spawned);
    expect(world.state).toBe(state);
    expect(world.context.process).toEqual(before);
  });

  it('fails before anything is started when the configuration is wrong', () => {
    const wrong = new Error('no program');
    const chart = createSidecarChart({
      resolveConfig: () => {
        throw wrong;
      },
      now: () => 0,
      random: () => 0,
    });
    const errors: unknown[] = [];
    const actor = createActor(chart);
    actor.subscribe({ error: (error) => errors.push(error) });
    actor.start();
    expect(errors).toEqual([wrong]);
  });

  it('says which actor is missing when it is started without its actors', () => {
    const chart = chartOf(resolveChartConfig()).provide({ actors: { process: fromCallback(() => {}) } });
    const errors: unknown[] = [];
    const actor = createActor(chart);
    actor.subscribe({ error: (error) => errors.push(error) });
    actor.start();
    expect(String(errors[0])).toContain('"compile" actor is not provided');
  });
});
