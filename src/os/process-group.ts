import { readdirSync, readFileSync } from 'node:fs';

const hasGroups = process.platform !== 'win32';

/**
 * Sends a signal to every process of a group; false when there is none. On Windows, which has no process groups,
 * only the process itself is ended.
 */
export function signalGroup(pgid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(hasGroups ? -pgid : pgid, signal);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error) {
      if (error.code === 'ESRCH') return false;
      // Somebody is there who may not be signalled, such as a member that changed its user.
      if (error.code === 'EPERM') return true;
    }
    throw error;
  }
}

/**
 * How many processes of a group are alive. Zombies do not count: they hold nothing, and in a container without an
 * init they may stay for ever. Where the platform does not list processes in /proc, 1 stands for "some".
 */
export function countGroup(pgid: number): number {
  if (!signalGroup(pgid, 0)) return 0;
  if (process.platform !== 'linux') return 1;
  return listProcesses().filter((each) => each.pgid === pgid && !isDead(each)).length;
}

/** Whether a process is there and not a zombie. Zombies are only told apart where there is /proc. */
export function isAlive(pid: number): boolean {
  const found = process.platform === 'linux' ? readProcess(pid) : null;
  if (found !== null) return !isDead(found);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** A process as /proc has it. */
interface FoundProcess {
  readonly pid: number;
  /** A letter; see proc_pid_stat(5). */
  readonly state: string;
  readonly ppid: number;
  readonly pgid: number;
}

/** All processes that can be seen, zombies included; none where the platform does not list them in /proc. */
export function listProcesses(): FoundProcess[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => readProcess(Number(entry)) ?? []);
}

/**
 * The processes that belong to the leader of a group: itself, its descendants, and its group. In this order and one
 * by one, because looking at all processes takes long and is seldom needed.
 */
export function* familyOf(leader: number): Generator<number> {
  const family = new Set<number>();
  for (const pid of descentOf(leader)) {
    family.add(pid);
    yield pid;
  }
  const processes = listProcesses();
  const parents = new Map(processes.map(({ pid, ppid }) => [pid, ppid]));
  for (const { pid, pgid } of processes) {
    if (!family.has(pid) && (pgid === leader || descends(pid, leader, parents))) yield pid;
  }
}

/** A process and its descendants, but for those whose parent has ended. */
export function* descentOf(leader: number): Generator<number> {
  const found = new Set([leader]);
  // A set also visits what is added to it meanwhile.
  for (const pid of found) {
    yield pid;
    for (const child of childrenOf(pid)) found.add(child);
  }
}

/** Those whose parent has not ended. Empty where the kernel does not tell. */
function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    // It has just ended, or the kernel was built without this.
    return [];
  }
}

function descends(pid: number, ancestor: number, parents: ReadonlyMap<number, number>): boolean {
  let parent = parents.get(pid);
  // What was read while processes came and went may hold a circle.
  for (let steps = 0; parent !== undefined && parent > 1 && steps < parents.size; steps += 1) {
    if (parent === ancestor) return true;
    parent = parents.get(parent);
  }
  return false;
}

function isDead({ state }: FoundProcess): boolean {
  return state === 'Z' || state === 'X';
}

function readProcess(pid: number): FoundProcess | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // It ended between the listing and the look: not there.
    return null;
  }
  // `pid (command) state ppid pgrp …`, where the command may hold spaces and parentheses itself.
  const [state = '', ppid, pgid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ', 3);
  return { pid, state, ppid: Number(ppid), pgid: Number(pgid) };
}
