import { cpus } from 'node:os';
import { isAlive } from '../os/process-group.js';
import type { Member, Members, ProcessSource } from './member.js';
import { processorTimeBetween } from './processor-time.js';
import { ProportionalMemory, readInTurns } from './proportional-memory.js';

/** What a group uses, and has used since the sample before. */
export interface GroupUsage {
  readonly memoryMB: number;
  readonly memoryMeasure: 'pss' | 'rss';
  /** 100 is one core. */
  readonly cpuPercent: number;
  readonly fileDescriptors: number | null;
  readonly processes: number;
}

export interface Subscription {
  /** The process group; where there are none, the process. */
  readonly group: number;
  /** Time between two samples, in milliseconds. */
  readonly interval: number;
  /** Whether its timer keeps the host alive. */
  readonly unref: boolean;
  readonly onUsage: (usage: GroupUsage) => void;
  /** The system does not tell what it uses; the next attempt is made when the next sample is due. */
  readonly onFailure: (error: unknown) => void;
}

/** How long the first look at a group waits for others, at most, in milliseconds: those that start together share one pass. */
const GATHER = 250;

/** How much too early a timer of Node.js may fire, in milliseconds. */
const EARLY = 2;

const PROCESSORS = cpus().length;

/**
 * Samples groups, all that are due in one pass over the processes of the system. Those with the same interval, or
 * multiples of it, are due at the same moments. There is one timer, and none when nobody subscribes.
 */
export class GroupSampler {
  readonly #source: ProcessSource;
  readonly #watches = new Set<Watch>();
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;

  constructor(source: ProcessSource) {
    this.#source = source;
  }

  /** @returns ends the subscription; nothing is reported afterwards */
  subscribe(subscription: Subscription): () => void {
    const watch = new Watch(subscription, this.#source);
    this.#watches.add(watch);
    this.#schedule();
    return () => {
      this.#watches.delete(watch);
      this.#schedule();
    };
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#watches.size === 0 || this.#isLooking) return;
    const watches = [...this.#watches];
    const due = Math.min(...watches.map((watch) => watch.due));
    this.#timer = setTimeout(() => void this.#look(), Math.max(0, due - performance.now()));
    if (watches.every(({ subscription }) => subscription.unref)) this.#timer.unref();
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    const at = performance.now();
    // One that waits for its first look comes along with others at any time.
    const due = [...this.#watches].filter((watch) => watch.due <= at + EARLY || !watch.hasBefore);
    for (const watch of due) watch.plan(at);
    try {
      const groups = new Set(due.map(({ subscription }) => subscription.group));
      const watched = new Set([...this.#watches].map(({ subscription }) => subscription.group));
      const found = await this.#source.membersOf(groups, watched);
      this.#report(due, found, performance.now());
    } catch (error) {
      for (const watch of due) if (this.#watches.has(watch)) watch.subscription.onFailure(error);
    } finally {
      this.#isLooking = false;
      this.#schedule();
    }
  }

  #report(due: readonly Watch[], found: ReadonlyMap<number, Members>, at: number): void {
    const seen = due.flatMap((watch) => {
      if (!this.#watches.has(watch)) return [];
      const { group, onFailure } = watch.subscription;
      const members = found.get(group);
      if (members !== undefined) return [watch.see(members, at)];
      // It may have ended a moment ago, of which somebody else tells.
      if (isAlive(group)) onFailure(new Error('the system does not show its processes'));
      return [];
    });
    const turns = seen.filter(({ watch }) => watch.sharesMemory && watch.hasBefore);
    const served = readInTurns(turns.toSorted((left, right) => left.watch.sampledAt - right.watch.sampledAt));
    for (const look of seen) {
      if (turns.includes(look) && !served.has(look)) continue;
      const usage = look.watch.sample(look);
      // Whoever is told may end any of the subscriptions.
      if (usage !== null && this.#watches.has(look.watch)) look.watch.subscription.onUsage(usage);
    }
  }
}

interface Look {
  readonly watch: Watch;
  /** All, for processor time. */
  readonly all: Members;
  /** The living, who alone hold anything. */
  readonly members: Members;
  readonly memory: ProportionalMemory;
  readonly at: number;
}

/** One subscription, and what was seen for it. */
class Watch {
  readonly subscription: Subscription;
  due: number;
  /** Whether it ever had several processes: from then on shared memory is counted once. */
  sharesMemory = false;
  readonly #source: ProcessSource;
  readonly #memory: ProportionalMemory;
  #before: { readonly all: Members; readonly at: number } | null = null;

  constructor(subscription: Subscription, source: ProcessSource) {
    this.subscription = subscription;
    this.due = performance.now() + Math.min(GATHER, subscription.interval / 4);
    this.#source = source;
    this.#memory = new ProportionalMemory((pid) => source.proportionalMB(pid));
  }

  /** There is something that processor time can be counted from. */
  get hasBefore(): boolean {
    return this.#before !== null;
  }

  get sampledAt(): number {
    return this.#before?.at ?? 0;
  }

  /** The next sample is due at a multiple of the interval, as it is for others, but not at once after the first look. */
  plan(at: number): void {
    const { interval } = this.subscription;
    const next = (Math.floor(at / interval) + 1) * interval;
    this.due = next - at < interval / 2 ? next + interval : next;
  }

  see(all: Members, at: number): Look {
    const members = new Map([...all].filter(([, member]) => !member.isZombie));
    this.sharesMemory ||= members.size > 1;
    return { watch: this, all, members, memory: this.#memory, at };
  }

  /** Null for the first look, from which only processor time is counted. */
  sample({ all, members, at }: Look): GroupUsage | null {
    const before = this.#before;
    this.#before = { all, at };
    if (before === null) return null;
    const used = processorTimeBetween(before.all, all) / (at - before.at);
    return {
      ...this.#memoryOf(members),
      // A process that joins a group, or is waited for by one, can bring more with it than there were processors.
      cpuPercent: Math.min(used, PROCESSORS) * 100,
      fileDescriptors: this.#descriptorsOf(members),
      processes: members.size,
    };
  }

  #memoryOf(members: Members): Pick<GroupUsage, 'memoryMB' | 'memoryMeasure'> {
    const proportional = this.sharesMemory ? this.#memory.sum(members) : null;
    if (proportional !== null) return { memoryMB: proportional, memoryMeasure: 'pss' };
    const resident = [...members.values()].reduce((sum, { residentMB }: Member) => sum + residentMB, 0);
    return { memoryMB: resident, memoryMeasure: 'rss' };
  }

  #descriptorsOf(members: Members): number | null {
    let sum = 0;
    for (const pid of members.keys()) {
      const count = this.#source.descriptors(pid);
      if (count === null) return null;
      sum += count;
    }
    return sum;
  }
}
