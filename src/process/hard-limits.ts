import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ResourcesConfig } from '../config/schema.js';
import { ControlGroup } from '../os/control-group.js';
import { errorCode } from '../os/error-code.js';
import { OomKills } from '../os/oom-kills.js';
import { findExecutable, type Lookup } from './executable.js';
import type { LaunchCommand } from './launch-command.js';
import { SpawnError } from './spawn-failure.js';

type HardConfig = ResourcesConfig['hard'];

const run = promisify(execFile);

/** Longest time that trying a limit may take, in milliseconds. */
const PATIENCE = 10_000;

/** What the system was told to enforce for one process. */
export interface HardLimits {
  /** What the process is started through, outermost first. */
  readonly launchers: readonly LaunchCommand[];
  readonly oomKills: OomKills | null;
  /** Called once nothing of the process group is left. */
  readonly release: () => Promise<void>;
}

/**
 * Gets everything ready to start a program under the limits that only the system can enforce. Each is tried first,
 * because a launcher that fails only tells by an exit code that could be the program's own.
 *
 * @throws {SpawnError} naming the limit that can't be applied
 * @throws {Error} with the code that spawning would fail with, when the program is not there
 */
export async function applyHardLimits(hard: HardConfig, program: Lookup): Promise<HardLimits> {
  const steps = launchSteps(hard);
  const isLimited = steps.length > 0 || hard.memoryMB !== null;
  if (!isLimited) return { launchers: [], oomKills: OomKills.watch(), release: async () => {} };
  if (process.platform !== 'linux') {
    throw refusal('resources.hard', 'ENOTSUP', 'it takes Linux: leave it out on other systems');
  }
  await findExecutable(program);
  const launchers = await Promise.all(steps.map(tried));
  if (hard.memoryMB === null) return { launchers, oomKills: OomKills.watch(), release: async () => {} };

  const group = await memoryGroup(hard, hard.memoryMB);
  return {
    // The launchers themselves belong into the group, too.
    launchers: [entering(group), ...launchers],
    oomKills: OomKills.watch(group.path),
    release: () => group.remove(),
  };
}

interface LaunchStep extends LaunchCommand {
  readonly setting: keyof HardConfig;
  /** What to do when it can't be applied. */
  readonly advice: string;
  /** Whether it was applied, by /proc/PID/status of a process that was started through it. */
  readonly isApplied?: (status: string) => boolean;
}

/** Memory comes last: the launchers before are not to be limited by it. */
function launchSteps({ nice, cpus, fileDescriptors, addressSpaceMB }: HardConfig): LaunchStep[] {
  const steps: LaunchStep[] = [];
  if (nice !== null) {
    const advice = 'less than 0 takes the capability CAP_SYS_NICE, or a higher RLIMIT_NICE';
    steps.push({ setting: 'nice', command: 'nice', args: ['-n', String(nice)], advice });
  }
  if (cpus !== null) {
    // taskset is content with any one of them.
    const isApplied = (status: string) =>
      sameCpus(cpus, /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '');
    const advice = 'choose among those that `grep Cpus_allowed_list /proc/self/status` shows here';
    steps.push({ setting: 'cpus', command: 'taskset', args: ['-c', cpus], advice, isApplied });
  }
  if (fileDescriptors !== null) {
    const advice = 'it may be no more than `ulimit -Hn` shows here';
    const args = [`--nofile=${fileDescriptors}`, '--'];
    steps.push({ setting: 'fileDescriptors', command: 'prlimit', args, advice });
  }
  if (addressSpaceMB !== null) {
    const advice =
      'it may be no more than `ulimit -Hv` shows here, and no less than a program needs to start';
    const args = [`--as=${Math.round(addressSpaceMB * 1024 * 1024)}`, '--'];
    steps.push({ setting: 'addressSpaceMB', command: 'prlimit', args, advice });
  }
  return steps;
}

/** The launcher by its path, once it has started something. */
async function tried({ setting, command, args, advice, isApplied }: LaunchStep): Promise<LaunchCommand> {
  const name = `resources.hard.${setting}`;
  const found = await findExecutable({ command, cwd: '.', path: process.env['PATH'] ?? '' }).catch(
    () => null,
  );
  if (found === null) {
    throw refusal(
      name,
      'ENOENT',
      `it takes the program ${command} (of util-linux or coreutils), which was not found on PATH`,
    );
  }
  const { stdout, complaint } = await tryOut(found, args);
  // nice complains, and goes on without.
  if (complaint !== '') throw refusal(name, 'EPERM', `${complaint} (${advice})`);
  if (isApplied?.(stdout) === false) throw refusal(name, 'EINVAL', `not all of it is there (${advice})`);
  return { command: found, args };
}

/** @throws what spawning would meet, too: a shortage */
async function tryOut(
  launcher: string,
  args: readonly string[],
): Promise<{ stdout: string; complaint: string }> {
  const options = { timeout: PATIENCE, env: { ...process.env, LC_ALL: 'C' } };
  try {
    const { stdout, stderr } = await run(launcher, [...args, 'cat', '/proc/self/status'], options);
    return { stdout, complaint: firstLine(stderr) };
  } catch (error) {
    if (isTransient(error)) throw error;
    const stderr = error instanceof Error && 'stderr' in error ? firstLine(String(error.stderr)) : '';
    return { stdout: '', complaint: stderr === '' ? firstLine(String(error)) : stderr };
  }
}

/** A shortage, which spawning would meet, too. */
function isTransient(error: unknown): boolean {
  return ['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM'].includes(errorCode(error));
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1).join('');
}

async function memoryGroup({ cgroup }: HardConfig, memoryMB: number): Promise<ControlGroup> {
  const limits = { 'memory.max': String(Math.round(memoryMB * 1024 * 1024)) };
  try {
    return await ControlGroup.create({ parent: cgroup, controller: 'memory', limits });
  } catch (error) {
    const advice =
      'name a group that this user may write to and that has no processes itself as resources.hard.cgroup, for example one that systemd made with Delegate=yes';
    const reason = error instanceof Error ? error.message : String(error);
    throw refusal(
      'resources.hard.memoryMB',
      'EPERM',
      `no control group can be made in ${reason} (${advice})`,
    );
  }
}

/** A shell puts itself into the group, and then becomes the program. */
function entering(group: ControlGroup): LaunchCommand {
  return { command: '/bin/sh', args: ['-c', 'echo $$ > "$0" && exec "$@"', `${group.path}/cgroup.procs`] };
}

function refusal(setting: string, code: string, reason: string): SpawnError {
  return new SpawnError({ code, message: `${setting} can not be applied: ${reason}`, permanent: true });
}

function sameCpus(one: string, other: string): boolean {
  const [left, right] = [cpusOf(one), cpusOf(other)];
  return left.size === right.size && [...left].every((cpu) => right.has(cpu));
}

/** The List Format of cpuset(7). */
function cpusOf(list: string): ReadonlySet<number> {
  const numbers = list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
  });
  return new Set(numbers);
}
