import { readdirSync, readFileSync } from 'node:fs';
import { errorCode } from '../../src/os/error-code.js';

/** A living process, as a test that finds it where none should be would name it. */
export interface FoundProcess {
  readonly pid: number;
  readonly command: string;
}

/** Set in every process that a test run starts: the run's id. */
export const RUN_MARK = 'SIDECAR_MACHINE_TEST';

/** Set in every process of one sidecar under test. */
export const CASE_MARK = 'SIDECAR_MACHINE_TEST_CASE';

/** Processes can be found by their environment. */
export const canListProcesses = process.platform === 'linux';

/**
 * The living processes whose environment holds `name=value`. Zombies have no environment any more and are not
 * found. Empty where the platform does not list processes in /proc.
 */
export function findMarked(name: string, value: string): FoundProcess[] {
  if (!canListProcesses) return [];
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => readEntry(pid, 'environ').split('\0').includes(`${name}=${value}`))
    .map((pid) => ({
      pid: Number(pid),
      command: readEntry(pid, 'cmdline').replaceAll('\0', ' ').trim(),
    }));
}

/** Ends those that have not ended since they were found. */
export function killAll(found: readonly FoundProcess[]): void {
  for (const { pid } of found) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if (errorCode(error) !== 'ESRCH') throw error;
    }
  }
}

/** Whether a process is there and not a zombie. */
export function isAlive(pid: number): boolean {
  if (canListProcesses) {
    const stat = readEntry(String(pid), 'stat');
    const state = stat.slice(stat.lastIndexOf(')') + 2).charAt(0);
    return state !== '' && state !== 'Z' && state !== 'X';
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function readEntry(pid: string, file: 'environ' | 'cmdline' | 'stat'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // It has just ended, or is another user's.
    return '';
  }
}
