import { isSame, type Member, type Members } from './member.js';

/** Time that looking at memory may take in one pass, in milliseconds, beyond the group that it is begun for. */
const BUDGET = 4;

interface Reading {
  readonly member: Member;
  readonly proportionalMB: number;
  readonly at: number;
}

/** Memory of one group, pages that its processes share counted once. It is read in turns, see `readInTurns`. */
export class ProportionalMemory {
  readonly #readMB: (pid: number) => number | null;
  #readings = new Map<number, Reading>();

  constructor(readMB: (pid: number) => number | null) {
    this.#readMB = readMB;
  }

  /** Reads what was never read; forgets what is not there any more. */
  meet(members: Members): void {
    const known = this.#readings;
    this.#readings = new Map();
    for (const member of members.values()) {
      const before = known.get(member.pid);
      if (before !== undefined && isSame(before.member, member)) this.#readings.set(member.pid, before);
      else this.read(member);
    }
  }

  /** Whether all of it was read before. */
  knows(members: Members): boolean {
    return [...members.values()].every((member) => isSame(this.#readings.get(member.pid)?.member, member));
  }

  read(member: Member): void {
    const proportionalMB = this.#readMB(member.pid);
    if (proportionalMB === null) this.#readings.delete(member.pid);
    else this.#readings.set(member.pid, { member, proportionalMB, at: performance.now() });
  }

  /** When a process of it was read last. */
  readAt(member: Member): number {
    return this.#readings.get(member.pid)?.at ?? 0;
  }

  /**
   * In MiB: what was read last, and what the resident memory of each process has grown by since. Null when the system
   * does not tell of one of them.
   */
  sum(members: Members): number | null {
    let sum = 0;
    for (const member of members.values()) {
      const reading = this.#readings.get(member.pid);
      if (reading === undefined) return null;
      const growth = member.residentMB - reading.member.residentMB;
      sum += Math.max(0, reading.proportionalMB + growth);
    }
    return sum;
  }
}

export interface Turn {
  readonly memory: ProportionalMemory;
  readonly members: Members;
}

/**
 * Reads the memory of groups: 50 µs for a small process, several milliseconds for a large one, too much for each in
 * every pass. A group with processes that were never read is read at once as long as there is time, the first in any
 * case; what time is left goes to the processes that were read longest ago.
 *
 * @param turns in the order in which they are served
 * @returns those that had their turn; the others have theirs in the next pass
 */
export function readInTurns<Group extends Turn>(turns: readonly Group[]): ReadonlySet<Group> {
  const begun = performance.now();
  const hasTime = () => performance.now() - begun < BUDGET;
  const served = new Set<Group>();
  for (const turn of turns) {
    if (!turn.memory.knows(turn.members) && served.size > 0 && !hasTime()) continue;
    turn.memory.meet(turn.members);
    served.add(turn);
  }
  const longestAgoFirst = [...served]
    .flatMap(({ memory, members }) => [...members.values()].map((member) => ({ memory, member })))
    .toSorted((left, right) => left.memory.readAt(left.member) - right.memory.readAt(right.member));
  for (const { memory, member } of longestAgoFirst) {
    // What was read in this pass is as new as can be.
    if (!hasTime() || memory.readAt(member) >= begun) break;
    memory.read(member);
  }
  return served;
}
