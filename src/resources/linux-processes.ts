import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { errorCode } from '../os/error-code.js';
import { countFileDescriptors } from '../os/file-descriptors.js';
import type { Member, ProcessSource } from './member.js';

// USER_HZ: the unit of processor time in /proc is 10 ms on every Linux that Node.js runs on.
const MILLISECONDS_PER_TICK = 10;

/** After so many looks each process is looked at, also those that were of no group that matters. */
const FULL_LOOK_EVERY = 12;

/** Reads processes in /proc. At once: it is memory, and a detour through the thread pool takes several times as long. */
export class LinuxProcesses implements ProcessSource {
  readonly #read = new SmallFileReader();
  /**
   * Processes of other groups, which are not looked at again for a while. A process can join a group within its session
   * only (setpgid(2)), and each sidecar has a session of its own, so what is outside stays there; a pid may be used
   * again, though.
   */
  #others = new Set<number>();
  #watched: ReadonlySet<number> = new Set();
  #looks = 0;
  #bytesPerPage: number | null = null;

  membersOf(
    groups: ReadonlySet<number>,
    watched: ReadonlySet<number>,
  ): ReadonlyMap<number, ReadonlyMap<number, Member>> {
    this.#forgetOthers(watched);
    const found = new Map<number, Map<number, Member>>();
    for (const entry of readdirSync('/proc')) {
      const pid = Number(entry);
      if (Number.isNaN(pid) || (this.#others.has(pid) && !watched.has(pid))) continue;
      const look = this.#look(pid);
      if (look === null) continue;
      if (!watched.has(look.pgid)) this.#others.add(pid);
      if (!groups.has(look.pgid)) continue;
      const members = found.get(look.pgid) ?? new Map<number, Member>();
      found.set(look.pgid, members.set(pid, look.member));
    }
    return found;
  }

  proportionalMB(pid: number): number | null {
    try {
      const [, kibibytes] = /^Pss:\s+(\d+) kB$/m.exec(this.#read.text(`/proc/${pid}/smaps_rollup`)) ?? [];
      return kibibytes === undefined ? null : Number(kibibytes) / 1024;
    } catch (error) {
      // It is ending and has given up its memory, though it may not be a zombie yet.
      if (errorCode(error) === 'ESRCH') return 0;
      // It has just ended.
      if (errorCode(error) === 'ENOENT' && this.#look(pid)?.member.isZombie !== false) return 0;
      // Another user's process, or a kernel before 4.14.
      return null;
    }
  }

  descriptors(pid: number): number | null {
    try {
      return countFileDescriptors(pid);
    } catch (error) {
      return hasEnded(error) ? 0 : null;
    }
  }

  #forgetOthers(watched: ReadonlySet<number>): void {
    const isNews = [...watched].some((group) => !this.#watched.has(group));
    if (isNews || this.#looks % FULL_LOOK_EVERY === 0) this.#others.clear();
    this.#watched = watched;
    this.#looks += 1;
  }

  #look(pid: number): { readonly pgid: number; readonly member: Member } | null {
    let stat: string;
    try {
      stat = this.#read.text(`/proc/${pid}/stat`);
    } catch (error) {
      // It ended between the listing and the look, or is hidden (hidepid of proc(5)). When this process can't open any
      // more files, others must not look as if they had ended.
      if (hasEnded(error) || isForbidden(error)) return null;
      throw error;
    }
    // `pid (command) state ppid pgrp …`, where the command may hold spaces and parentheses itself; see proc_pid_stat(5).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ', 22);
    const at = (index: number) => Number(fields[index]);
    const [state] = fields;
    const member: Member = {
      pid,
      startedAt: at(19),
      ppid: at(1),
      isZombie: state === 'Z' || state === 'X',
      own: (at(11) + at(12)) * MILLISECONDS_PER_TICK,
      reaped: (at(13) + at(14)) * MILLISECONDS_PER_TICK,
      residentMB: (at(21) * this.#pageSize()) / BYTES_PER_MIB,
    };
    return { pgid: at(2), member };
  }

  #pageSize(): number {
    // Of the text of this program, which is never in huge pages. 4 KiB where the kernel was built without this.
    const [, kibibytes = '4'] =
      this.#bytesPerPage === null
        ? (/^KernelPageSize:\s+(\d+) kB$/m.exec(this.#read.text('/proc/self/smaps')) ?? [])
        : [];
    this.#bytesPerPage ??= Number(kibibytes) * 1024;
    return this.#bytesPerPage;
  }
}

const BYTES_PER_MIB = 1024 * 1024;

/** Reads the beginnings of small files: a third of the time of readFileSync, which asks for their size and more. */
class SmallFileReader {
  readonly #buffer = Buffer.allocUnsafe(4096);

  text(path: string): string {
    const descriptor = openSync(path, 'r');
    try {
      const length = readSync(descriptor, this.#buffer, 0, this.#buffer.length, 0);
      return this.#buffer.toString('latin1', 0, length);
    } finally {
      closeSync(descriptor);
    }
  }
}

function isForbidden(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'EACCES' || code === 'EPERM';
}

function hasEnded(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOENT' || code === 'ESRCH';
}
