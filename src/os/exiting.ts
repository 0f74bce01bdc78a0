import { readFileSync } from 'node:fs';
import { isAlive } from './process-group.js';

/** PF_EXITING of Linux: the process is being taken apart; its connections are closed before its parent is told. */
const EXITING = 0x4;

/** Whether a child is ending or has ended, though that may not have been reported yet. False where it can't be told. */
export function isExiting(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // A child of another user may be hidden (hidepid of proc(5)), so that it can't be seen is not enough.
    return !isAlive(pid);
  }
  // `pid (command) state ppid …`, where the command may hold spaces and parentheses itself; flags is field 9 of proc(5).
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ', 7);
  return state === 'Z' || state === 'X' || (Number(fields[5]) & EXITING) !== 0;
}
