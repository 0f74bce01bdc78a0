import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const MILLISECONDS_A_TICK = 1000 / Number(execFileSync('getconf', ['CLK_TCK']));

/** User and system time, in milliseconds. */
export function processorTimeOf(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const [user, system] = fieldsOf(pid).slice(11, 13);
    return Number(user) + Number(system);
  });
  return ticks.reduce((sum, each) => sum + each, 0) * MILLISECONDS_A_TICK;
}

/** In MiB; what is shared with others counts in part in the proportional one. */
export function memoryOf(pids: readonly number[]): {
  readonly resident: number;
  readonly proportional: number;
} {
  const sum = (key: string) =>
    pids.reduce((all, pid) => {
      const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
      return all + Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]) / 1024;
    }, 0);
  return { resident: sum('Rss'), proportional: sum('Pss') };
}

export function childrenOf(pid: number): readonly number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((each) => parentOf(each) === pid);
}

export function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
}

function parentOf(pid: number): number | null {
  try {
    return Number(fieldsOf(pid)[1]);
  } catch {
    // It has just ended.
    return null;
  }
}

/** Of `/proc/PID/stat`, from the state on. */
function fieldsOf(pid: number): readonly string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
