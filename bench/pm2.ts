/**
 * PM2 and `sidecar run` as services, in turn, with the same child. It needs `npm ci --prefix bench/peers`, Go, and Linux. Everything
 * is measured from outside: when a command is started, when a child reports that it listens, when a process is gone.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { buildReporting } from './child/command.js';
import { memoryOf, processorTimeOf } from './peers/measured-process.js';
import { Pm2Daemon } from './peers/pm2-daemon.js';
import { Reports } from './peers/reports.js';
import { SidecarService } from './peers/sidecar-service.js';
import type { Supervisor } from './peers/supervisor.js';
import { medianRatio, summarize } from './statistics.js';

const COUNT = 100;
const RUNS = 5;
const CRASHES = 40;
const MANY = 200;
/** Of idleness, in milliseconds. */
const IDLE = 30_000;

const folder = mkdtempSync(join(tmpdir(), 'sidecar-pm2-'));
const reports = await Reports.open();
const child = { command: buildReporting(folder), report: reports.address };
const children = (count: number) => ({ ...child, count, firstPort: 26_000 });

try {
  const hundred = children(COUNT);
  await timesOf(new SidecarService(join(folder, 'a'), hundred), new Pm2Daemon(join(folder, 'b'), hundred));
  const many = children(MANY);
  await costOf([
    new SidecarService(join(folder, 'c'), many),
    new SidecarService(join(folder, 'd'), many, true),
    new Pm2Daemon(join(folder, 'e'), many),
  ]);
} finally {
  reports.close();
  rmSync(folder, { recursive: true, force: true });
}

async function timesOf(ours: Supervisor, theirs: Supervisor): Promise<void> {
  const cold = pair();
  const stop = pair();
  const warm = pair();
  const crash = pair();
  try {
    for (let run = 0; run < RUNS; run += 1) {
      for (const [each, key] of [
        [ours, 'ours'],
        [theirs, 'theirs'],
      ] as const) {
        cold[key].push(await untilListening(() => each.launch()));
        stop[key].push(await untilGone(() => each.stopAll()));
        warm[key].push(await untilListening(() => each.startAll()));
        if (run < RUNS - 1) await each.end();
        reports.forget();
      }
    }
    // Now both have theirs running.
    for (let run = 0; run < CRASHES; run += 1) {
      crash.ours.push(await recovery(ours));
      crash.theirs.push(await recovery(theirs));
    }
  } finally {
    await Promise.all([ours.end(), theirs.end()]);
  }
  print(`start of ${COUNT} with nothing running → last one listens`, cold);
  print(`start of ${COUNT} that were stopped → last one listens`, warm);
  print(`stop of ${COUNT} → last one is gone`, stop);
  print('crash of 1 of them → new one listens', crash);
}

async function costOf(all: readonly Supervisor[]): Promise<void> {
  try {
    for (const each of all) {
      await untilListening(() => each.launch(), MANY);
      reports.forget();
    }
    // Until what comes once after a start is over: collections, and that a start is recent for a minute.
    await wait(IDLE * 3);
    const before = all.map((each) => processorTimeOf(each.processes()));
    await wait(IDLE);
    for (const [index, each] of all.entries()) {
      const used = processorTimeOf(each.processes()) - (before[index] ?? 0);
      const { resident, proportional } = memoryOf(each.processes());
      const percent = ((used / IDLE) * 100).toFixed(2);
      const memory = `${proportional.toFixed(0)} MiB (resident ${resident.toFixed(0)})`;
      console.log(`${each.name} with ${MANY}: ${memory}, idle ${percent} % of a core`);
    }
  } finally {
    await Promise.all(all.map((each) => each.end()));
  }
}

async function untilListening(act: () => Promise<void>, count = COUNT): Promise<number> {
  const all = reports.next(count);
  const startedAt = performance.now();
  const [listeningAt] = await Promise.all([all, act()]);
  return listeningAt - startedAt;
}

async function untilGone(act: () => Promise<void>): Promise<number> {
  const pids = reports.forget();
  const startedAt = performance.now();
  const [goneAt] = await Promise.all([goneOf(pids), act()]);
  return goneAt - startedAt;
}

/** When the last of them is gone, by `performance.now()`. */
async function goneOf(pids: readonly number[]): Promise<number> {
  while (pids.some(isThere)) await wait(1);
  return performance.now();
}

async function recovery(supervisor: Supervisor): Promise<number> {
  const next = reports.next(1);
  const startedAt = performance.now();
  process.kill(supervisor.anyChild(), 'SIGKILL');
  const time = (await next) - startedAt;
  // The next one should not be a crash right after a start.
  await wait(100);
  return time;
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

interface Times {
  readonly ours: number[];
  readonly theirs: number[];
}

function pair(): Times {
  return { ours: [], theirs: [] };
}

function print(title: string, { ours, theirs }: Times): void {
  const text = (values: number[]) => {
    const { min, median, max } = summarize(values);
    return `${median.toFixed(1)} ms (${min.toFixed(1)} – ${max.toFixed(1)})`;
  };
  const ratio = medianRatio(ours, theirs).toFixed(2);
  console.log(`${title}: sidecar ${text(ours)}, PM2 ${text(theirs)}, ratio ${ratio} (${ours.length} pairs)`);
}
