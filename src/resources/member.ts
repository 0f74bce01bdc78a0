/** One process of a group, as the system has it at one moment. */
export interface Member {
  readonly pid: number;
  /** When it was started, in a unit of the system: with the pid it names one process for ever. 0 where it is not told. */
  readonly startedAt: number;
  readonly ppid: number;
  /** It has ended, and waits until its parent asks how. */
  readonly isZombie: boolean;
  /** Processor time that it has used, in milliseconds. */
  readonly own: number;
  /** Processor time of those of its descendants that have ended and were waited for, in milliseconds. */
  readonly reaped: number;
  /** Resident memory, in MiB, pages that it shares with others included. */
  readonly residentMB: number;
}

/** What a group uses at one moment, its memory apart. */
export type Members = ReadonlyMap<number, Member>;

/** How the processes of groups are found. */
export interface ProcessSource {
  /**
   * The processes of each of these groups that has any.
   *
   * @param watched all the groups that anybody asks about now and then, these included
   */
  readonly membersOf: (
    groups: ReadonlySet<number>,
    watched: ReadonlySet<number>,
  ) => ReadonlyMap<number, Members> | Promise<ReadonlyMap<number, Members>>;
  /** Memory of a process in MiB, of which shared pages count in parts; null where the system does not tell. */
  readonly proportionalMB: (pid: number) => number | null;
  /** Open file descriptors of a process; null where the system does not tell. */
  readonly descriptors: (pid: number) => number | null;
}

export function isSame(one: Member | undefined, other: Member): boolean {
  return one?.pid === other.pid && one.startedAt === other.startedAt;
}
