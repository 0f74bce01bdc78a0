import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainWhy } from '../../machines/why.js';
import type { ChartConfig } from '../explore/chart.js';
import { choices, play } from '../explore/moves.js';
import { healthReport } from '../explore/reports.js';
import { World, type WorldOptions } from '../explore/world.js';

const START = Date.UTC(2026, 0, 31, 12);
const clock = (time: number) => new Date(START + time).toISOString().slice(11, 19);
const why = ({ context, clock: world }: World) => explainWhy(context, { now: world.now(), clock });

const healthy = (config: ChartConfig = {}, options?: WorldOptions) =>
  new World({ compile: 'none', ...config }, options).starts().check(true);

/** Fails three times, a second apart, and is degraded by then. */
function fails(world: World): World {
  for (let failure = 0; failure < 3; failure += 1) {
    world.advance(1000);
    const report = {
      ...healthReport(false, 'GET /health'),
      passed: false as const,
      error: 'no answer within 5 s',
      checkedAt: world.clock.now(),
    };
    world.report({ type: 'health.checked', generation: world.context.generation, report });
  }
  return world;
}

describe('why it is as it is', () => {
  it('tells the whole chain of a restart: checks with their times, the ending, and the next try', () => {
    const world = healthy({ process: { restartJitter: 0.2 } }, { random: () => 0.9 });
    world.exits().advance(5000).starts().check(true).exits().advance(10_000).starts().check(true);
    const failed = fails(world).advance(10_000).advance(10_000);
    const words = why(failed.exits().advance(1000));
    expect(words).toBe(
      'Restart 3 of 5 in the last 10 min: GET /health failed three times (12:00:16, 12:00:17, 12:00:18): ' +
        'no answer within 5 s; process 1003 ignored SIGTERM for 10 s and was killed; ' +
        'next try in 15.4 s (5 s × 2² × jitter 0.82, capped at 60 s).',
    );
  });

  it('tells how a process ended that did as it was asked', () => {
    const world = fails(healthy()).advance(10_000).exits();
    expect(why(world)).toContain('; process 1001 ended when it was asked to (SIGTERM); next try in 5 s');
  });

  it('does not say that a process ended as it was asked to when it crashed', () => {
    const words = why(healthy().exits(2).empties());
    expect(words).toMatch(/exited with code 1 and left 2 of its group behind/);
    expect(words).not.toContain('when it was asked');
  });

  it('tells of running, and of the restarts before it', () => {
    const world = healthy().exits().advance(5000).starts().check(true).exits().advance(10_000).starts();
    expect(why(world.check(true).advance(2000))).toBe(
      'Running since 12:00:15 (2 s), generation 3: GET /health passed in 1 ms. ' +
        'It was restarted twice since it was asked to start. ' +
        'At 12:00:00: process 1001 exited with code 1. At 12:00:05: process 1002 exited with code 1.',
    );
    expect(why(healthy())).toBe('Running since 12:00:00 (0 ms), generation 1: GET /health passed in 1 ms.');
  });

  it('tells of starting, and what is waited for', () => {
    const world = new World({ compile: 'none' }).starts().check(false).advance(3000);
    expect(why(world)).toBe(
      'Process 1001 was started and is not healthy yet, since 12:00:00 (3 s); ' +
        'GET /health failed once: connection refused; it is replaced unless it is healthy by 12:00:30.',
    );
  });

  it('tells that a restart is under way', () => {
    expect(why(healthy().exits().advance(5000).starts())).toMatch(
      /^Restart 1 of 5 in the last 10 min: .*; the next try is under way \(5 s, capped at 60 s\)\. Process 1002/,
    );
  });

  it('tells of compiling', () => {
    expect(why(new World().advance(1000))).toBe('Compiling since 12:00:00 (1 s): it was started.');
  });

  it.each<[string, ChartConfig]>([
    ['It is replaced unless it recovers by 12:00:13.', {}],
    ['It is not replaced, as autoRestart is off.', { process: { autoRestart: false } }],
  ])('tells of degraded: %s', (words, config) => expect(why(fails(healthy(config)))).toContain(words));

  it('tells that a limit is borne', () => {
    const world = healthy({ resources: { onMemory: 'degrade' } }).sample('greedy', 'greedy', 'greedy');
    expect(why(world)).toMatch(
      /^Degraded since .*memory was over .* This is borne, and it is not replaced for it\.$/,
    );
  });

  it('tells of the ending under way, and until when', () => {
    expect(why(healthy().send('STOP'))).toBe(
      'Stopping since 12:00:00 (0 ms): STOP was sent. Process 1001 was asked to end (SIGTERM), and is killed at 12:00:10.',
    );
    expect(why(fails(healthy()).advance(20_000))).toMatch(
      /^Being replaced since .* Process 1001 was killed, and counts as unkillable at 12:00:28\.$/,
    );
  });

  it('tells that the old process serves on', () => {
    expect(why(healthyCompiled().send('RELOAD'))).toBe(
      'Compiling for a reload since 12:00:00 (0 ms). Process 1001 serves on until that has worked.',
    );
  });

  it.each<[string, () => World]>([
    ['as requested.', () => healthy().send('STOP').exits()],
    ['it starts with the first request.', () => new World({ lazy: true })],
    [
      'nothing used it; it starts again with the next request.',
      () => healthy({ idleTimeout: 1000 }).idles().exits(),
    ],
    ['the compilation failed. The last trouble: type error.', () => new World().failsToCompile()],
    [
      'it can’t be started. The last trouble: no such file.',
      () => new World({ compile: 'none' }).failsToStart(true),
    ],
    [
      'the restart budget is used up. The last trouble: process 1002 exited with code 1. At 12:00:00: process 1001',
      () =>
        healthy({ process: { maxRestarts: 1 } })
          .exits()
          .advance(5000)
          .starts()
          .exits(),
    ],
    [
      'it ended by itself, and autoRestart is off.',
      () => healthy({ process: { autoRestart: false } }).exits(),
    ],
    ['a process of the sidecar is still there after SIGKILL', () => healthy().send('STOP').advance(15_000)],
  ])('tells of stopped: %s', (words, way) => {
    expect(why(way())).toMatch(/^Stopped since /);
    expect(why(way()).replaceAll("'", '’')).toContain(words);
  });

  it('has sentences for everything that can happen', () => {
    fc.assert(
      fc.property(choices(), (picks) => {
        play(new World(), picks, {}, (world) => {
          expect(why(world)).toMatch(/^[A-Z].*[.!?]$/s);
          expect(why(world)).not.toMatch(/undefined|null|NaN|Infinity|\[object/);
        });
      }),
      { numRuns: 30 },
    );
  });
});

const healthyCompiled = () => new World().compiles().starts().check(true);
