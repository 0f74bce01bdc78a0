import { setTimeout as wait } from 'node:timers/promises';
import { now } from '../os/clock.js';
import { errorCode } from '../os/error-code.js';
import { findMarked } from '../os/marked-processes.js';
import { countGroup, listProcesses, signalGroup } from '../os/process-group.js';
import { isStillThere } from '../os/process-identity.js';
import type { LedgerProcess } from './ledger-entry.js';
import { MARK_VARIABLE } from './watchdog-script.js';

/** How often it is looked whether it has ended: soon at first, then ever less, in milliseconds. */
const POLL = { first: 10, factor: 1.5, longest: 500 };

export interface Patience {
  readonly stopSignal: NodeJS.Signals;
  /** Between the signal and SIGKILL, in milliseconds. */
  readonly stopTimeout: number;
  /** After SIGKILL, in milliseconds. */
  readonly killTimeout: number;
}

/** How it ended; `still-there`: it did not. */
export type OrphanOutcome = 'terminated' | 'killed' | 'still-there';

/**
 * Ends what is left of a process that was written down: its group, as long as its leader is the one that was meant, and
 * whoever has its mark. Never by a pid alone, which may be another's by now.
 *
 * @returns null when nothing was left
 */
export async function endOrphan(orphan: LedgerProcess, patience: Patience): Promise<OrphanOutcome | null> {
  if (!(await isLeft(orphan))) return null;
  await signalOrphan(orphan, patience.stopSignal);
  // A stopped one would receive the signal only when somebody continues it.
  await signalOrphan(orphan, 'SIGCONT');
  if (await isGoneWithin(orphan, patience.stopTimeout)) return 'terminated';
  // What it starts while it is being killed is killed with the next look.
  const deadline = now() + patience.killTimeout;
  do {
    await signalOrphan(orphan, 'SIGKILL');
    if (await isGoneWithin(orphan, Math.min(POLL.longest, patience.killTimeout))) return 'killed';
  } while (now() < deadline);
  return 'still-there';
}

async function isGoneWithin(orphan: LedgerProcess, timeout: number): Promise<boolean> {
  const deadline = now() + timeout;
  let delay = POLL.first;
  while (await isLeft(orphan)) {
    const remaining = deadline - now();
    if (remaining <= 0) return false;
    await wait(Math.min(delay, remaining), undefined, { ref: false });
    delay = Math.min(delay * POLL.factor, POLL.longest);
  }
  return true;
}

async function isLeft(orphan: LedgerProcess): Promise<boolean> {
  if (process.platform === 'linux') return (await membersOf(orphan)).size > 0;
  return (await isStillThere(orphan)) && countGroup(orphan.pid) > 0;
}

async function signalOrphan(orphan: LedgerProcess, signal: NodeJS.Signals): Promise<void> {
  if (process.platform !== 'linux') {
    if (await isStillThere(orphan)) signalGroup(orphan.pid, signal);
    return;
  }
  for (const pid of await membersOf(orphan)) signalProcess(pid, signal);
}

/** Those of its group, if that is still its own, and those who have its mark. */
async function membersOf(orphan: LedgerProcess): Promise<ReadonlySet<number>> {
  const members = new Set(findMarked(MARK_VARIABLE, orphan.mark));
  // Should this program itself have been started by it.
  members.delete(process.pid);
  if (await isStillThere(orphan)) {
    for (const { pid, pgid, state } of listProcesses()) {
      if (pgid === orphan.pid && state !== 'Z' && state !== 'X') members.add(pid);
    }
  }
  return members;
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It has just ended, or is another user's: whether anybody is left is looked at afterwards.
    if (!['ESRCH', 'EPERM'].includes(errorCode(error))) throw error;
  }
}
