/**
 * What it adds to a spawn that the process can't outlive this one: told to the watchdog before and after, and written to
 * the ledger. In turns with bare spawns in one run; wall time of this thread, and what the watchdog uses. `npx tsx bench/orphan-protection.ts`
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ledger } from '../src/orphans/ledger.js';
import { guardSpawn, watchdogPid } from '../src/orphans/spawn-guard.js';
import { StateDirectory } from '../src/state/state-directory.js';
import { summarize } from './statistics.js';

const PAIRS = 200;
/** How many others are guarded at the same time. */
const OTHERS = 200;

const folder = mkdtempSync(join(process.env['XDG_RUNTIME_DIR'] ?? tmpdir(), 'bench-orphans-'));
const ledger = new Ledger(new StateDirectory(join(folder, 'state')), {
  takeover: false,
  warn: (message) => console.error(message),
  onTaken: () => console.error('taken'),
});

try {
  const first = timed(() => guardSpawn().release());
  await ledger.claim();
  const others = Array.from({ length: OTHERS }, () => guardSpawn());
  const added: number[] = [];
  const told: number[] = [];
  const written: number[] = [];
  const before = watchdogTicks();
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const bare = await spawned(false);
    const guarded = await spawned(true);
    added.push(guarded.elapsed - bare.elapsed);
    told.push(guarded.told);
    written.push(guarded.written);
  }
  const ticks = watchdogTicks() - before;
  console.log(
    [
      `a guarded spawn beside a bare one: ${format(added)} more, with ${OTHERS} others guarded (${PAIRS} pairs)`,
      `of that the watchdog is told in ${format(told)}, the ledger written in ${format(written)}`,
      `the watchdog used ${((ticks * 10) / PAIRS).toFixed(2)} ms of processor time for each; to start it, with the first, took ${first.toFixed(2)} ms`,
    ].join('\n'),
  );
  for (const other of others) other.release();
} finally {
  ledger.release();
  rmSync(folder, { recursive: true, force: true });
}

async function spawned(isGuarded: boolean) {
  let told = 0;
  let written = 0;
  const begun = performance.now();
  const guard = isGuarded ? guardSpawn() : null;
  told += performance.now() - begun;
  const env = { ...process.env, ...guard?.environment };
  const child = spawn('/bin/true', [], { detached: true, stdio: 'ignore', env });
  const { pid } = child;
  if (pid === undefined) throw new Error('it could not be started');
  if (guard !== null) {
    told += timed(() => guard.protect(pid));
    const beforeWriting = performance.now();
    await ledger.record({ pid, mark: guard.mark, command: 'true', generation: 1 });
    written = performance.now() - beforeWriting;
  }
  const elapsed = performance.now() - begun;
  await once(child, 'exit');
  guard?.release();
  return { elapsed, told, written };
}

function timed(act: () => void): number {
  const begun = performance.now();
  act();
  return performance.now() - begun;
}

/** Of 10 ms each. */
function watchdogTicks(): number {
  const stat = readFileSync(`/proc/${watchdogPid()}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function format(values: readonly number[]): string {
  const { median, min, max } = summarize(values);
  return `${median.toFixed(2)} ms (${min.toFixed(2)} – ${max.toFixed(2)})`;
}
