import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { createSidecar, type Sidecar } from '../../../src/index.js';
import { watchdogPid } from '../../../src/orphans/spawn-guard.js';
import { brokenJournal, brokenStory, ledgerAgrees } from '../agreement.js';
import { CASE_MARK, findMarked } from '../processes.js';
import { serverConfig } from '../server-config.js';
import { eventually, within } from '../within.js';

// Runs sidecars while this process itself is in trouble, at random: the wall clock is set (by libfaketime, which reads
// CLOCK), or no file descriptor is left. Says what does not agree at the end of each run, and the plan that led there.
//
//   troubled-host.ts clock|descriptors SEED RUNS [CLOCK]

const [kind = '', seed = '0', runs = '1', clock = ''] = process.argv.slice(2);

type Trouble =
  | { readonly does: 'set the clock'; readonly offset: number }
  | { readonly does: 'use up descriptors'; readonly left: number }
  | { readonly does: 'free descriptors' | 'kill the leader' | 'kill the watchdog' }
  | { readonly does: 'send'; readonly command: 'START' | 'STOP' | 'RESTART' | 'RELOAD' };

const YEAR = 365 * 24 * 3600;
const own: Record<string, fc.Arbitrary<Trouble>> = {
  clock: fc.record({
    does: fc.constant('set the clock'),
    offset: fc.oneof(fc.integer({ min: -YEAR, max: YEAR }), fc.integer({ min: -90, max: 90 })),
  }),
  descriptors: fc.oneof(
    fc.record({ does: fc.constant('use up descriptors'), left: fc.integer({ min: 0, max: 12 }) }),
    fc.record({ does: fc.constant('free descriptors') }),
  ),
};
const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  own[kind] ?? fc.constant({ does: 'kill the leader' }),
  fc.record({ does: fc.constantFrom('kill the leader', 'kill the leader', 'kill the watchdog') }),
  fc.record({
    does: fc.constant('send'),
    command: fc.constantFrom('START', 'STOP', 'RESTART', 'RELOAD'),
  }),
);
const plans = fc.array(fc.record({ trouble, pause: fc.constantFrom(0, 1, 5, 20, 60) }), {
  minLength: 3,
  maxLength: 16,
});

/** What may make a sidecar restart here. A check that times out because the clock was set may not. */
const EXPECTED = new Set(
  kind === 'clock' ? ['exited', 'command'] : ['exited', 'command', 'spawn-failed', 'unhealthy', 'timeout'],
);

const used: number[] = [];
const total = { runs: 0, troubles: 0, processes: 0, restarts: 0 };

// Everything that is loaded on demand, loaded now: a module can not be read without a descriptor.
await run([]);
for (const plan of fc.sample(plans, { seed: Number(seed), numRuns: Number(runs) })) {
  const broken = await run(plan).catch((error: unknown) => `failed: ${String(error)}`);
  endTrouble();
  if (broken !== null) console.log(`broken: ${broken} after ${JSON.stringify(plan)}`);
}
console.log(`over: ${JSON.stringify(total)}`);

/** What does not agree at the end, in words; null when all does. */
async function run(plan: readonly { trouble: Trouble; pause: number }[]): Promise<string | null> {
  const folder = mkdtempSync(join(tmpdir(), 'sm-'));
  const stateDirectory = join(folder, 'state');
  const mark = `troubled ${process.pid} ${total.runs}`;
  const restarts = { process: { restartDelay: 1, maxRestartDelay: 5, maxRestarts: 10_000 } };
  const config = serverConfig({}, { ...restarts, stateDirectory, healthCheck: { interval: 50 } });
  const sidecar = createSidecar({
    ...config,
    // The clock of this process only: a process that is killed while it looks at a clock of libfaketime stops it for all.
    process: { ...config.process, env: { [CASE_MARK]: mark, LD_PRELOAD: undefined } },
  });
  const causes = new Set<string>();
  sidecar.on('restart-scheduled', ({ cause }) => {
    total.restarts += 1;
    causes.add(cause?.type ?? 'none');
  });
  try {
    await sidecar.start();
    for (const { trouble, pause } of plan) {
      make(sidecar, trouble);
      await wait(pause);
    }
    endTrouble();
    total.runs += 1;
    total.troubles += plan.length;
    await within(sidecar.start(), () => 'running');
    // What could not be written down of the process of the moment, can of the next one.
    await within(sidecar.restart(), () => 'running again');
    total.processes += sidecar.status().generation;
    await eventually(() => ledgerAgrees(sidecar, stateDirectory), 'the ledger to agree while it runs');
    const whileRunning = brokenStory(sidecar);
    await within(sidecar.stop(), () => 'stopped');
    const left = findMarked(CASE_MARK, mark).map(({ command }) => command);
    await sidecar[Symbol.asyncDispose]();
    await eventually(() => ledgerAgrees(sidecar, stateDirectory), 'the ledger to agree at the end');
    const wrong = [...causes].filter((cause) => !EXPECTED.has(cause));
    return (
      whileRunning ??
      brokenStory(sidecar) ??
      (await brokenJournal(sidecar, stateDirectory)) ??
      (left.length === 0 ? null : `left ${left.join(', ')}`) ??
      (wrong.length === 0 ? null : `restarted because of ${wrong.join(', ')}`)
    );
  } finally {
    await sidecar[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  }
}

function make(sidecar: Sidecar, what: Trouble): unknown {
  switch (what.does) {
    case 'set the clock':
      return writeFileSync(clock, `${what.offset < 0 ? '' : '+'}${what.offset}`);
    case 'use up descriptors':
      return useUpDescriptors(what.left);
    case 'free descriptors':
      return freeDescriptors();
    case 'kill the leader':
      return kill(sidecar.status().pid);
    case 'kill the watchdog':
      return kill(watchdogPid());
    case 'send':
      return sidecar.actor.send({ type: what.command });
  }
}

function endTrouble(): void {
  freeDescriptors();
  if (kind === 'clock') writeFileSync(clock, '+0');
}

function useUpDescriptors(left: number): void {
  try {
    for (;;) used.push(openSync('/dev/null', 'r'));
  } catch {
    for (const descriptor of used.splice(0, left)) closeSync(descriptor);
  }
}

function freeDescriptors(): void {
  for (const descriptor of used.splice(0)) closeSync(descriptor);
}

function kill(pid: number | null): void {
  if (pid === null) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended since it was looked up.
  }
}
