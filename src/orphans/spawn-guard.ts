import { uniqueId } from '../os/unique-id.js';
import { Watchdog } from './watchdog.js';
import { MARK_VARIABLE } from './watchdog-script.js';

/** Windows has no shell to do this, and no groups; a program may end when its stdin does. */
const hasWatchdog = process.platform !== 'win32';

/** One for all sidecars of this host. */
const watchdog = new Watchdog();

/** Keeps one process from outliving the host, from before it is started until nothing of it is left. */
export interface SpawnGuard {
  /** What it is known by, wherever its descendants go. */
  readonly mark: string;
  /** To be added to its environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** It was started, and leads a group of its own. To be called in the same turn. */
  protect(pid: number): void;
  /** Its group is gone; what has left the group is ended, too, though nobody waits for that. */
  endStrays(): void;
  /** Nobody has to be ended any more; what has left the group may go on. */
  release(): void;
}

/**
 * To be called right before a process is started.
 *
 * @param onUnprotected told when it would outlive the host after all
 */
export function guardSpawn(onUnprotected: (reason: string) => void = () => {}): SpawnGuard {
  if (!hasWatchdog) return unguarded(uniqueId());
  const stopListening = watchdog.onUnprotected(onUnprotected);
  const { slot, mark } = watchdog.take();
  // Once: then the slot is somebody else's.
  let isOpen = true;
  const close = (act: (slot: number) => void) => {
    if (!isOpen) return;
    isOpen = false;
    stopListening();
    act(slot);
  };
  return {
    mark,
    environment: { [MARK_VARIABLE]: mark },
    protect: (pid) => watchdog.protect(slot, pid),
    endStrays: () => close((each) => watchdog.endStrays(each)),
    release: () => close((each) => watchdog.release(each)),
  };
}

function unguarded(mark: string): SpawnGuard {
  return { mark, environment: { [MARK_VARIABLE]: mark }, protect() {}, endStrays() {}, release() {} };
}

/** The pid of the shell that guards the processes of this host; null while there is nothing to guard. */
export function watchdogPid(): number | null {
  return watchdog.pid;
}
