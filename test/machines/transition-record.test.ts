import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstSnapshot, takeStep } from '../../machines/step.js';
import { enteredAt, HISTORY_LENGTH } from '../../machines/transition-record.js';
import { chartOf, resolveChartConfig } from '../explore/chart.js';
import { choices, play } from '../explore/moves.js';
import { checked, emptied, endpoint, exited, exitOf, pidOf, spawned } from '../explore/reports.js';
import { World } from '../explore/world.js';

describe('the records of transitions', () => {
  it('are a chain that ends in the present state, whatever happens', () => {
    fc.assert(
      fc.property(choices(), (picks) => {
        const world = new World();
        play(world, picks, {}, ({ transitions, state }) => expect(transitions.at(-1)?.to).toBe(state));
        const { transitions } = world;
        for (const [index, record] of transitions.entries()) {
          const previous = transitions[index - 1];
          expect(record.sequence).toBe(index + 1);
          expect(record.from).toBe(previous?.to ?? null);
          expect(record.time).toBeGreaterThanOrEqual(previous?.time ?? 0);
          expect(record.event).not.toMatch(/^xstate\.after/);
          expect(record.decision !== null).toBe(
            record.to === 'stopped' || record.to === 'restarting.backingOff',
          );
        }
        expect(world.context.history).toEqual(transitions.slice(-HISTORY_LENGTH));
      }),
      { numRuns: 100 },
    );
  });

  it('begin with the creation', () => {
    expect(new World().transitions).toEqual([
      {
        sequence: 1,
        time: 0,
        from: null,
        to: 'compiling',
        event: 'xstate.init',
        cause: { type: 'created' },
        generation: 0,
        pid: null,
        decision: null,
      },
    ]);
  });

  it('tell the cause of each step of a life', () => {
    const world = new World().compiles().starts().check(true).exits().advance(5000).starts();
    world.advance(30_000).advance(10_000).exits().send('STOP');
    expect(world.transitions.map(({ event, to, cause }) => [event, to, cause.type])).toEqual([
      ['xstate.init', 'compiling', 'created'],
      ['compile.done', 'spawning', 'compiled'],
      ['process.spawned', 'waitingHealthy', 'spawned'],
      ['health.checked', 'running', 'healthy'],
      ['process.exited', 'restarting.deciding', 'exited'],
      ['process.exited', 'restarting.backingOff', 'exited'],
      ['after backoff', 'spawning', 'timeout'],
      ['process.spawned', 'waitingHealthy', 'spawned'],
      ['after startupTimeout', 'restarting.terminating', 'timeout'],
      ['after stopTimeout', 'restarting.killing', 'timeout'],
      ['process.exited', 'restarting.deciding', 'exited'],
      ['process.exited', 'restarting.backingOff', 'exited'],
      ['STOP', 'stopped', 'command'],
    ]);
  });

  it('are all that reads the clock, so that their times are all that a replay needs', () => {
    let reads = 0;
    const config = resolveChartConfig({ compile: 'none' });
    const chart = chartOf(config, { now: () => ++reads });
    let snapshot = firstSnapshot(chart);
    const events = [
      spawned(1),
      checked(1, true),
      exited(1, 2),
      emptied(1),
      { type: 'after', delay: 'backoff' },
    ] as const;
    for (const event of [
      ...events,
      spawned(2),
      { type: 'STOP' },
      { type: 'after', delay: 'stopTimeout' },
    ] as const) {
      snapshot = takeStep(chart, snapshot, event).snapshot;
      expect([snapshot.context.history.length, enteredAt(snapshot.context)]).toEqual([reads, reads]);
    }
    expect(snapshot.context.deadline).toBe(reads + config.process.killTimeout);
  });

  it('name the process that was alive', () => {
    const world = new World().compiles().starts().check(true);
    expect(world.transitions.map(({ generation, pid }) => [generation, pid])).toEqual([
      [0, null],
      // The generation counts up once it is told to spawn, which follows from being in `spawning`.
      [0, null],
      [1, pidOf(1)],
      [1, pidOf(1)],
    ]);
    expect(world.transitions.at(-2)?.cause).toEqual({ type: 'spawned', pid: pidOf(1), endpoint });
  });

  it('carry the guard inputs of a restart, and its delay', () => {
    const world = new World({ process: { maxRestarts: 3, restartWindow: 60_000 } }).compiles();
    world.starts().exits().advance(5000).starts().exits();
    expect(world.transitions.at(-1)).toMatchObject({
      time: 5000,
      decision: {
        type: 'restart',
        attempt: 2,
        maxRestarts: 3,
        restartWindow: 60_000,
        consecutive: 2,
        delay: 10_000,
        trouble: { type: 'exited', exit: exitOf(2), survivors: 0, meaning: null },
      },
    });
  });

  it('carry how many checks failed, and how many may', () => {
    const world = new World().compiles().starts().check(true, false, false, false);
    expect(world.transitions.at(-1)).toMatchObject({
      to: 'degraded',
      cause: { type: 'unhealthy', failures: 3, threshold: 3, report: { error: 'connection refused' } },
    });
  });

  it('carry the limit that was broken, and the value', () => {
    const world = new World().compiles().starts().check(true).sample('greedy', 'greedy', 'greedy');
    expect(world.transitions.at(-1)?.cause).toEqual({
      type: 'limit',
      breach: { resource: 'memory', value: 600, limit: 512, action: 'restart', samples: 3, window: 3 },
    });
  });

  it('carry the last lines of a process that died', () => {
    const world = new World().compiles().starts().exits();
    expect(world.transitions.at(-1)?.cause).toMatchObject({ exit: { tail: ['last line of 1'] } });
  });

  it.each([
    ['startupTimeout', 30_000, () => new World({ compile: 'none' })],
    ['degradedTimeout', 10_000, () => healthy().check(false, false, false)],
    ['stopTimeout', 10_000, () => healthy().send('STOP')],
    ['killTimeout', 5000, () => healthy().send('STOP').advance(10_000)],
    ['backoff', 5000, () => healthy().exits()],
  ])('tell that %s was over, and how long it was', (timeout, duration, way) => {
    const world = way();
    const before = world.transitions.length;
    world.advance(duration - 1);
    expect(world.transitions).toHaveLength(before);
    world.advance(1);
    expect(world.transitions[before]).toMatchObject({
      event: `after ${timeout}`,
      cause: { type: 'timeout', timeout, after: duration },
    });
  });

  it('are kept up to a number', () => {
    const world = new World({ compile: 'none' });
    for (let round = 0; round < HISTORY_LENGTH; round += 1) world.send('RESTART').failsToStart(false);
    expect(world.context.history).toHaveLength(HISTORY_LENGTH);
    expect(world.context.history.at(-1)?.sequence).toBe(world.transitions.length);
  });
});

function healthy(): World {
  return new World({ compile: 'none' }).starts().check(true);
}
