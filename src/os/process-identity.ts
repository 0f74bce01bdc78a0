import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** How long `ps` may take, in milliseconds. */
const PATIENCE = 5000;

/** Where the start time is in /proc/PID/stat, counted from the state on; see proc_pid_stat(5). */
const START_TIME = 19;

/** A process, not to be mistaken for a later one that was given its pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Ticks since the boot on Linux; elsewhere the time of day, in the words of `ps`. */
  readonly startTime: string;
  /** The boot that `startTime` belongs to; null where it is a time of day. */
  readonly bootId: string | null;
}

/** When a process started, on Linux; null elsewhere, and when it has ended and was waited for. */
export function startTimeOf(pid: number): string | null {
  if (process.platform !== 'linux') return null;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[START_TIME] ?? null;
  } catch {
    // It is not there (any more).
    return null;
  }
}

/** Who has a pid now; null when nobody, and on Windows, where nothing tells when a process started. */
export async function identify(pid: number): Promise<ProcessIdentity | null> {
  if (process.platform === 'win32') return null;
  const startTime = process.platform === 'linux' ? startTimeOf(pid) : await askPs(pid);
  return startTime === null ? null : { pid, startTime, bootId: bootId() };
}

/** Whether it is still that process which has the pid: alive, or ended and not yet waited for. */
export async function isStillThere(identity: ProcessIdentity): Promise<boolean> {
  const found = await identify(identity.pid);
  return found !== null && found.startTime === identity.startTime && found.bootId === identity.bootId;
}

async function askPs(pid: number): Promise<string | null> {
  try {
    const options = { timeout: PATIENCE, env: { ...process.env, LC_ALL: 'C' } };
    const { stdout } = await run('ps', ['-o', 'lstart=', '-p', String(pid)], options);
    return stdout.trim() || null;
  } catch {
    // It fails when there is no such process.
    return null;
  }
}

let bootOfThisProcess: string | null = null;

function bootId(): string | null {
  if (process.platform !== 'linux') return null;
  bootOfThisProcess ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return bootOfThisProcess;
}
