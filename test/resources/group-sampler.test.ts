import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { errorCode } from '../../src/os/error-code.js';
import { GroupSampler, type GroupUsage } from '../../src/resources/group-sampler.js';
import { LinuxProcesses } from '../../src/resources/linux-processes.js';
import type { Member, ProcessSource } from '../../src/resources/member.js';
import { listedProcesses } from '../../src/resources/other-processes.js';
import { processorTimeBetween } from '../../src/resources/processor-time.js';
import { canListProcesses } from '../support/processes.js';
import { tempFolder } from '../support/temp-folder.js';
import { eventually, within } from '../support/within.js';

if (!canListProcesses) console.log('Skipped here: the sampler, which reads /proc.');

/** kthreadd, which is hidden in a container. */
const KERNEL_THREAD = 2;

function readsMemoryOfKernelThread(): boolean {
  try {
    readFileSync(`/proc/${KERNEL_THREAD}/smaps_rollup`);
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return true;
  }
  console.log('Skipped here: the memory of a process that is ending (needs to see threads of the kernel).');
  return false;
}

/** The leader of a group of its own, ended with all of it when the test has finished. */
async function group(script: string): Promise<number> {
  return (await waitingGroup(script)).leader;
}

/** One that reads a line before it goes on. */
async function waitingGroup(script: string): Promise<{ leader: number; go: () => void }> {
  const { pid, stdin, stdout, ended } = start(`echo up\n${script}`);
  if (pid === undefined) throw new Error('sh could not be started');
  onTestFinished(async () => {
    process.kill(-pid, 'SIGKILL');
    await ended;
  });
  await once(stdout, 'data');
  return { leader: pid, go: () => void stdin.write('go\n') };
}

function start(script: string) {
  const child = spawn('sh', ['-c', script], { detached: true });
  return { pid: child.pid, stdin: child.stdin, stdout: child.stdout, ended: once(child, 'exit') };
}

/** Processes as they are found, and how often and for whom they were looked for. */
function observed(source: ProcessSource) {
  const looks: (readonly number[])[] = [];
  const observer: ProcessSource = {
    membersOf: (groups, watched) => {
      looks.push([...groups]);
      return source.membersOf(groups, watched);
    },
    proportionalMB: (pid) => source.proportionalMB(pid),
    descriptors: (pid) => source.descriptors(pid),
  };
  return { looks, observer };
}

/** Collects what is told of a group, until a number of samples were. */
function collect(sampler: GroupSampler, leader: number, interval: number) {
  const usages: GroupUsage[] = [];
  const failures: unknown[] = [];
  const end = sampler.subscribe({
    group: leader,
    interval,
    unref: false,
    onUsage: (usage) => usages.push(usage),
    onFailure: (error) => failures.push(error),
  });
  onTestFinished(end);
  return { usages, failures, end };
}

/** Children and grandchildren that live for a moment, each of which works a little. */
const work = 'i=0; while [ $i -lt $((WORK % 6000)) ]; do i=$((i+1)); done';
const comingAndGoing = `n=$((n+1)); export WORK=$((n * 7919))
  sh -c '${work}' &
  (sh -c '${work}'; sleep 0.0$((n % 10))) &
  [ $((n % 5)) = 0 ] && wait`;

const enough = (usages: readonly GroupUsage[], count: number) =>
  eventually(() => usages.length >= count, `${count} samples`);

describe.runIf(canListProcesses)('the sampler', () => {
  it('looks at all groups with the same interval in one pass', async () => {
    const leaders = await Promise.all(Array.from({ length: 5 }, () => group('exec sleep 60')));
    const { looks, observer } = observed(new LinuxProcesses());
    const sampler = new GroupSampler(observer);
    const all = leaders.map((leader) => collect(sampler, leader, 50));
    await Promise.all(all.map(({ usages }) => enough(usages, 10)));
    // However slow the machine: whoever is due is looked at together with the others.
    for (const look of looks) expect(new Set(look)).toEqual(new Set(leaders));
    expect(all.flatMap(({ failures }) => failures)).toEqual([]);
  });

  it('looks at each group as often as its own interval says', async () => {
    const leaders = await Promise.all([group('exec sleep 60'), group('exec sleep 60')]);
    const sampler = new GroupSampler(new LinuxProcesses());
    const [often, seldom] = leaders.map((leader, index) => collect(sampler, leader, index === 0 ? 20 : 200));
    await enough(seldom?.usages ?? [], 3);
    expect(often?.usages.length).toBeGreaterThan(seldom?.usages.length ?? 0);
  });

  it('tells nothing after the end of a subscription, even when one ends another', async () => {
    const leaders = await Promise.all([group('exec sleep 60'), group('exec sleep 60')]);
    const { looks, observer } = observed(new LinuxProcesses());
    const sampler = new GroupSampler(observer);
    const told: number[] = [];
    const ends: (() => void)[] = [];
    await within(
      new Promise<void>((resolve) => {
        for (const leader of leaders) {
          const onUsage = () => {
            told.push(leader);
            for (const end of ends) end();
            resolve();
          };
          ends.push(
            sampler.subscribe({ group: leader, interval: 20, unref: false, onUsage, onFailure: () => {} }),
          );
        }
      }),
      () => 'a sample',
    );
    const before = looks.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(told).toHaveLength(1);
    expect(looks).toHaveLength(before);
  });

  it('says so when nothing can be read, and goes on', async () => {
    const leader = await group('exec sleep 60');
    const processes = new LinuxProcesses();
    let isBroken = true;
    const sampler = new GroupSampler({
      membersOf: (...asked) => {
        if (isBroken) throw new Error('EMFILE: too many open files');
        return processes.membersOf(...asked);
      },
      proportionalMB: (pid) => processes.proportionalMB(pid),
      descriptors: (pid) => processes.descriptors(pid),
    });
    const { usages, failures } = collect(sampler, leader, 20);
    await eventually(() => failures.length > 0, 'a failure');
    expect(String(failures[0])).toContain('EMFILE');
    isBroken = false;
    await enough(usages, 2);
  });

  it('says so when a process is there that is not shown, and nothing of one that has ended', async () => {
    const leader = await group('exec sleep 60');
    const ended = spawn('true');
    await once(ended, 'exit');
    const blind: ProcessSource = {
      membersOf: () => new Map(),
      proportionalMB: () => null,
      descriptors: () => null,
    };
    const sampler = new GroupSampler(blind);
    const hidden = collect(sampler, leader, 20);
    const gone = collect(sampler, ended.pid ?? 0, 20);
    await eventually(() => hidden.failures.length > 2, 'failures');
    expect(gone.failures).toEqual([]);
  });

  it('sees whoever comes and goes', async () => {
    const leader = await group(`n=0; while :; do ${comingAndGoing}; done`);
    const { usages, failures, end } = collect(new GroupSampler(new LinuxProcesses()), leader, 30);
    await enough(usages, 60);
    end();
    expect(failures).toEqual([]);
    for (const { cpuPercent, memoryMB, memoryMeasure, fileDescriptors, processes } of usages) {
      expect(cpuPercent).toBeGreaterThanOrEqual(0);
      expect(cpuPercent).toBeLessThanOrEqual(100 * cpus().length);
      expect(memoryMB).toBeGreaterThan(0);
      expect(fileDescriptors).toBeGreaterThanOrEqual(0);
      expect(processes).toBeGreaterThanOrEqual(1);
      expect(['rss', 'pss']).toContain(memoryMeasure);
    }
    expect(Math.max(...usages.map(({ processes }) => processes))).toBeGreaterThan(1);
    expect(usages.at(-1)?.memoryMeasure).toBe('pss');
  });

  it('counts what they used as the kernel does in the end', async () => {
    const leader = await group(`n=0; while [ $n -lt 50 ]; do ${comingAndGoing}; done; wait; exec sleep 60`);
    const processes = new LinuxProcesses();
    const groups = new Set([leader]);
    const look = () => processes.membersOf(groups, groups).get(leader) ?? new Map<number, Member>();
    const all = ({ own, reaped }: Pick<Member, 'own' | 'reaped'>) => own + reaped;
    const first = look();
    let before = first;
    let counted = 0;
    await eventually(() => {
      const after = look();
      counted += processorTimeBetween(before, after);
      before = after;
      return readFileSync(`/proc/${leader}/comm`, 'utf8') === 'sleep\n' && after.size === 1;
    }, 'the end of the work');
    const began = [...first.values()].reduce((sum, each) => sum + all(each), 0);
    const used = all(before.get(leader) ?? { own: 0, reaped: 0 }) - began;
    expect(used).toBeGreaterThan(100);
    // The clock of each process ticks every 10 ms.
    expect(counted).toBeGreaterThan(used * 0.8);
    expect(counted).toBeLessThan(used * 1.2);
  });
});

describe.runIf(canListProcesses)('the processes of a group', () => {
  it('are found whatever they are called, and whether they ended or not', async () => {
    const program = join(await tempFolder(), ') R 1 (');
    await symlink('/bin/sleep', program);
    // A zombie: its parent became a program that does not wait.
    const leader = await group(`sh -c 'exit 0' & "${program}" 60 & exec sleep 60`);
    const processes = new LinuxProcesses();
    const groups = new Set([leader]);
    const members = () => [...(processes.membersOf(groups, groups).get(leader)?.values() ?? [])];
    await eventually(() => members().some(({ isZombie }) => isZombie), 'a zombie');
    await eventually(() => members().length === 3, 'three members');
    const own = () => members().find(({ pid }) => pid === leader);
    expect(own()?.ppid).toBe(process.pid);
    // It may be about to become another program. And of each of the kernel's three counters, each processor may keep up to a
    // batch of pages to itself, which /proc/PID/status adds up and /proc/PID/stat does not.
    const processors = availableParallelism();
    const uncountedMB = (3 * processors * Math.max(32, 2 * processors) * 4096) / 1024 / 1024;
    await eventually(() => {
      const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${leader}/status`, 'utf8')) ?? [];
      return Math.abs(Number(kibibytes) / 1024 - (own()?.residentMB ?? 0)) <= uncountedMB;
    }, 'the same resident memory');
  });

  // A process that ends gives up its memory before it is a zombie. A thread of the kernel is like that all the time.
  it.runIf(readsMemoryOfKernelThread())('hold nothing once their memory is given up', () => {
    expect(new LinuxProcesses().proportionalMB(KERNEL_THREAD)).toBe(0);
  });

  it('are found when they are started later, though others are not looked at again', async () => {
    const { leader, go } = await waitingGroup('read -r go; sleep 60 & exec sleep 60');
    const processes = new LinuxProcesses();
    const groups = new Set([leader]);
    const count = () => processes.membersOf(groups, groups).get(leader)?.size;
    for (let look = 0; look < 5; look += 1) expect(count()).toBe(1);
    go();
    await eventually(() => count() === 2, 'the second process');
  });

  it('are the same by ps, as on systems without /proc', async () => {
    const leader = await group('sleep 60 & sleep 60 & exec sleep 60');
    const groups = new Set([leader]);
    const processes = new LinuxProcesses();
    const found = () => processes.membersOf(groups, groups).get(leader);
    await eventually(() => found()?.size === 3, 'three members');
    const byProc = found();
    const byPs = (await listedProcesses.membersOf(groups, groups)).get(leader);
    expect(new Set(byPs?.keys())).toEqual(new Set(byProc?.keys()));
    for (const [pid, { ppid, isZombie, residentMB }] of byPs ?? []) {
      expect({ ppid, isZombie }).toEqual({ ppid: byProc?.get(pid)?.ppid, isZombie: false });
      expect(residentMB).toBeGreaterThan(0);
    }
  });

  it('have used as much processor time by ps, to the second', async () => {
    const leader = await group('i=0; while [ $i -lt 2000000 ]; do i=$((i+1)); done; exec sleep 60');
    const groups = new Set([leader]);
    const processes = new LinuxProcesses();
    const used = () => processes.membersOf(groups, groups).get(leader)?.get(leader)?.own ?? 0;
    await eventually(() => used() > 1200, 'a second of work');
    const before = used();
    const byPs = (await listedProcesses.membersOf(groups, groups)).get(leader)?.get(leader)?.own ?? 0;
    expect(byPs).toBeGreaterThanOrEqual(Math.floor(before / 1000) * 1000);
    expect(byPs).toBeLessThanOrEqual(used());
  });
});
