import { DescriptorCounter } from '../os/file-descriptors.js';
import { heldSockets } from '../os/socket-holder.js';

/** Whether the system tells which sockets a process has. */
export const canWatchSockets = process.platform === 'linux';

/**
 * How often it is looked whether a process has opened something, in milliseconds: with one look at a time, however
 * many processes are watched, as a look and its timer cost some 30 µs. Most servers are up soon; where one takes
 * longer, a millisecond matters less than the processor time of all that wait.
 */
const LOOK_EVERY = { soon: 1, later: 4, soonUntil: 250 };

/** Its input and output are sockets, too, on this system. What it has beyond them at the first look, it has opened. */
const STANDARD_STREAMS = 3;

/** A socket is seen a moment before it listens, so the looks that follow count as changes, too. */
const LOOKS_AFTER_CHANGE = 3;

/** At least so long lies between two looks at one process that somebody asks for, in milliseconds. */
const BETWEEN_LOOKS = 1;

export interface SocketWatch {
  /** Looks at once, for there is a reason: most servers print a line when they listen. */
  lookNow(): void;
  end(): void;
}

interface Watch {
  readonly pid: number;
  readonly changed: () => void;
  readonly counter: DescriptorCounter;
  descriptors: number;
  /** Null before the first look. */
  sockets: readonly string[] | null;
  looksToCount: number;
  lookedAt: number;
}

const watches = new Set<Watch>();
let lastBegunAt = 0;
let timer: NodeJS.Timeout | undefined;

/**
 * Calls `changed` soon after a process has opened a socket, which is what a server does just before it listens: so a
 * check can be made at that moment, instead of very often. Linux only.
 *
 * @returns null when it can't be seen.
 */
export function watchSockets(pid: number, changed: () => void): SocketWatch | null {
  const counter = canWatchSockets ? tryToCount(pid) : null;
  if (counter === null) return null;
  const watch: Watch = { pid, changed, counter, descriptors: 0, sockets: null, looksToCount: 0, lookedAt: 0 };
  watches.add(watch);
  lastBegunAt = performance.now();
  if (watches.size === 1) scheduleLook();
  return {
    lookNow() {
      if (watches.has(watch) && performance.now() - watch.lookedAt >= BETWEEN_LOOKS) lookAt(watch);
    },
    end() {
      if (!watches.delete(watch)) return;
      counter.close();
      if (watches.size === 0) clearTimeout(timer);
    },
  };
}

function tryToCount(pid: number): DescriptorCounter | null {
  try {
    return new DescriptorCounter(pid);
  } catch {
    // It has ended, or belongs to another user: nothing is told, and it is checked at its usual pace.
    return null;
  }
}

function scheduleLook(): void {
  const { soon, later, soonUntil } = LOOK_EVERY;
  const isSoon = performance.now() - lastBegunAt < soonUntil;
  timer = setTimeout(lookAtNext, isSoon ? soon : later).unref();
}

/** The one that was not looked at for longest. */
function lookAtNext(): void {
  const [watch] = watches;
  if (watch === undefined) return;
  watches.delete(watch);
  watches.add(watch);
  scheduleLook();
  lookAt(watch);
}

function lookAt(watch: Watch): void {
  watch.lookedAt = performance.now();
  if (look(watch)) watch.looksToCount = LOOKS_AFTER_CHANGE;
  else if (watch.looksToCount > 0) watch.looksToCount -= 1;
  else return;
  watch.changed();
}

/** Whether it has other sockets than at the last look. */
function look(watch: Watch): boolean {
  try {
    const descriptors = watch.counter.count();
    if (descriptors === watch.descriptors) return false;
    watch.descriptors = descriptors;
    const before = watch.sockets;
    const sockets = [...heldSockets(watch.pid)];
    watch.sockets = sockets;
    return before === null ? sockets.length > STANDARD_STREAMS : sockets.join() !== before.join();
  } catch {
    // It has ended; that is told by others.
    return false;
  }
}
