/**
 * What it costs this process to sample 200 sidecars: all their groups in one pass, as it is done, and in pairs with it
 * their leaders one by one, as it was done before. Processor time, which a busy machine does not change. `npx tsx bench/sampling.ts [processes in each group]`
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { GroupSampler } from '../src/resources/group-sampler.js';
import { LinuxProcesses } from '../src/resources/linux-processes.js';
import type { ProcessSource } from '../src/resources/member.js';
import { medianRatio, summarize } from './statistics.js';

const SIDECARS = 200;
const PAIRS = 20;
const inEachGroup = Number(process.argv[2] ?? 1);

const children = Array.from({ length: SIDECARS }, startGroup);
const leaders = children.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
const passes = measuredPasses(leaders);
try {
  // The first look finds the groups; in the next ones all memory is read for the first time.
  for (let pass = 0; pass < 12; pass += 1) await passes.next();
  const [ours, before]: [number[], number[]] = [[], []];
  while (ours.length < PAIRS) {
    ours.push((await passes.next()).elapsed);
    before.push(timed(() => leaders.forEach(readOneByOne)));
  }
  const { elapsed, sampled } = await passes.next();
  const [pass, single] = [summarize(ours), summarize(before)];
  console.log(
    [
      `${SIDECARS} groups of ${inEachGroup}: one pass ${format(pass)}; their leaders one by one ${format(single)}; ratio ${medianRatio(ours, before).toFixed(2)}`,
      `the last pass sampled ${sampled} groups in ${elapsed.toFixed(1)} ms`,
    ].join('\n'),
  );
} finally {
  passes.end();
  for (const pid of leaders) process.kill(-pid, 'SIGKILL');
}

function startGroup(): ChildProcess {
  const others = 'sleep 300 & '.repeat(inEachGroup - 1);
  return spawn('sh', ['-c', `${others}exec sleep 300`], { detached: true, stdio: 'ignore' });
}

/** Passes of the sampler as they come, each timed from the listing of the processes to the last sample. */
function measuredPasses(groups: readonly number[]) {
  const processes = new LinuxProcesses();
  let begun = 0;
  let sampled = 0;
  let finish: (pass: { elapsed: number; sampled: number }) => void = () => {};
  const source: ProcessSource = {
    membersOf(...asked) {
      [begun, sampled] = [processorTime(), 0];
      const found = processes.membersOf(...asked);
      // The samples are made in the microtasks that follow.
      setImmediate(() => finish({ elapsed: finishedAt - begun, sampled }));
      finishedAt = processorTime();
      return found;
    },
    proportionalMB: (pid) => processes.proportionalMB(pid),
    descriptors: (pid) => processes.descriptors(pid),
  };
  let finishedAt = 0;
  const sampler = new GroupSampler(source);
  const ends = groups.map((group) =>
    sampler.subscribe({
      group,
      interval: 500,
      unref: false,
      onUsage: () => {
        sampled += 1;
        finishedAt = processorTime();
      },
      onFailure: (error) => console.error(error),
    }),
  );
  return {
    next: () =>
      new Promise<{ elapsed: number; sampled: number }>((resolve) => {
        finish = resolve;
      }),
    end: () => {
      for (const end of ends) end();
    },
  };
}

/** What was read of each sidecar's own process until now. */
function readOneByOne(pid: number): void {
  readFileSync(`/proc/${pid}/stat`, 'latin1');
  /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  statSync(`/proc/${pid}/fd`);
}

/** Of this process, in milliseconds: as long as a pass takes when nobody else wants the processor. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function timed(work: () => void): number {
  const begun = processorTime();
  work();
  return processorTime() - begun;
}

function format({ median, min, max }: { median: number; min: number; max: number }): string {
  return `${median.toFixed(1)} ms (${min.toFixed(1)} – ${max.toFixed(1)})`;
}
