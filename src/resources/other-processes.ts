import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Member, Members, ProcessSource } from './member.js';

const run = promisify(execFile);

/** Longest time that `ps` may take, in milliseconds, and the most that it may print. */
const PATIENCE = { timeout: 10_000, maxBuffer: 16 * 1024 * 1024 };

const untold = { proportionalMB: () => null, descriptors: () => null } as const;

/** Asks ps(1), as POSIX has it, for all processes at once. */
export const listedProcesses: ProcessSource = {
  ...untold,
  async membersOf(groups) {
    const { stdout } = await run(
      'ps',
      ['-A', '-o', 'pid=', '-o', 'ppid=', '-o', 'pgid=', '-o', 'rss=', '-o', 'time=', '-o', 'stat='],
      { ...PATIENCE, env: { ...process.env, LC_ALL: 'C' } },
    );
    const found = new Map<number, Map<number, Member>>();
    for (const line of stdout.split('\n')) {
      const [pid, ppid, pgid, kibibytes, time = '', state = ''] = line.trim().split(/\s+/);
      if (!groups.has(Number(pgid))) continue;
      const members = found.get(Number(pgid)) ?? new Map<number, Member>();
      found.set(Number(pgid), members);
      members.set(Number(pid), {
        pid: Number(pid),
        // In words only, and another column of several words; a pid is hardly used again within an interval.
        startedAt: 0,
        ppid: Number(ppid),
        isZombie: state.startsWith('Z'),
        own: parseTime(time),
        reaped: 0,
        residentMB: Number(kibibytes) / 1024,
      });
    }
    return found;
  },
};

/** Where there are no groups, the processes themselves (Windows). */
export const singleProcesses: ProcessSource = {
  ...untold,
  async membersOf(groups) {
    const { default: pidusage } = await import('pidusage');
    const found = new Map<number, Members>();
    for (const pid of groups) {
      const usage = await pidusage(pid).catch(() => null);
      // It has ended, of which somebody else tells.
      if (usage === null) continue;
      const { ppid, ctime, memory } = usage;
      const BYTES_PER_MIB = 1024 * 1024;
      const member = { pid, ppid, startedAt: 0, isZombie: false, own: ctime, reaped: 0 };
      found.set(pid, new Map([[pid, { ...member, residentMB: memory / BYTES_PER_MIB }]]));
    }
    return found;
  },
};

/** `[[days-]hours:]minutes:seconds[.hundredths]` in milliseconds. */
function parseTime(time: string): number {
  const [clock = '', days = '0'] = time.split('-').toReversed();
  const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return (Number(days) * 86_400 + seconds) * 1000;
}
