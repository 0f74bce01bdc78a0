import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SidecarConfig, SidecarError } from '../../src/index.js';
import { outcome } from '../support/outcome.js';
import { serverConfig } from '../support/server-config.js';
import { type WatchedSidecar, watch } from '../support/watched-sidecar.js';
import { eventually } from '../support/within.js';
import { pidThatAnswers } from './answers.js';

const RUNS = 25;

type Call = 'start' | 'stop' | 'restart' | 'reload' | 'isHealthy';

interface Step {
  readonly call: Call | 'crash';
  /** How long nothing else happens, in milliseconds. */
  readonly pause: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  call: fc.constantFrom('start', 'stop', 'restart', 'reload', 'isHealthy', 'crash'),
  pause: fc.constantFrom(0, 0, 5, 60, 120),
});

/** Compiles in a few milliseconds, or has nothing to compile. */
const compile = fc.constantFrom<Pick<SidecarConfig, 'compile'>>(
  {},
  { compile: { command: 'sh', args: ['-c', 'exit 0'] } },
);

function begin({ sidecar }: WatchedSidecar, call: Step['call']): Promise<unknown> {
  if (call !== 'crash') return sidecar[call]();
  const { pid } = sidecar.status();
  if (pid === null) return Promise.resolve();
  process.kill(pid, 'SIGKILL');
  // Until that is noticed it is running as far as anybody can know.
  return eventually(() => sidecar.status().pid !== pid, 'the crash to be noticed');
}

/** What the calls must lead to: the last one that says whether it should run decides. */
function isMeantToRun(steps: readonly Step[]): boolean {
  const last = steps.findLast(({ call }) => call === 'start' || call === 'restart' || call === 'stop');
  return last !== undefined && last.call !== 'stop';
}

describe('calls in any order, at any time', () => {
  it('all settle, lead to where the last one points, and leave one process or none', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), compile, async (steps, sections) => {
        const watched = watch(
          serverConfig({}, { ...sections, process: { maxRestarts: 1000, restartDelay: 5 } }),
        );
        const settled: Promise<unknown>[] = [];
        for (const { call, pause } of steps) {
          settled.push(outcome(begin(watched, call), () => `${call}()\n${watched.story()}`));
          if (pause > 0) await wait(pause);
        }
        for (const each of await Promise.all(settled)) {
          expect(each === 'done' || each instanceof SidecarError, String(each)).toBe(true);
        }

        if (isMeantToRun(steps)) {
          // A crash may have come after the last call.
          expect(await outcome(watched.sidecar.start(), () => watched.story())).toBe('done');
          expect(watched.sidecar.status().state).toBe('running');
          expect(await pidThatAnswers(watched.origin)).toBe(watched.pid);
          expect(watched.processes()).toHaveLength(1);
          await watched.stopsCleanly();
        } else {
          expect(watched.sidecar.status()).toMatchObject({ state: 'stopped', pid: null });
          watched.leavesNothing();
        }
        await watched.sidecar[Symbol.asyncDispose]();
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  }, 90_000);
});
