import { getHeapStatistics, setFlagsFromString } from 'node:v8';

/** A collection stops everything for some tens of milliseconds, so it must bring as much as this, in bytes. */
const WORTHWHILE = 8 * 1024 * 1024;

/**
 * How much a function has to run before V8 optimizes it, in bytes of its code: thirty times the default, which is still
 * only half a second of what is really hot.
 */
const BUDGET = 2_000_000;

/**
 * Keeps this process small, in two ways. What runs while many sidecars start is not compiled to machine code, which would
 * stay for good, and takes the processor from those that start. And what the heap was stretched by meanwhile is given
 * back once it is quiet: V8 does so with its next full collection, which in a service that has nothing to do may never
 * come.
 *
 * For a process that is ours alone, and for as long as it lives: everything in it waits for a collection, and all of its
 * code is compiled less.
 *
 * @param options.period between two looks at the heap, in milliseconds; default 2000
 * @param options.quiet who uses more than this part of a core has something to do, and is not held up; default 0.2
 */
export function spareMemory({ period = 2000, quiet = 0.2 } = {}): void {
  // Flags that another version of V8 does not know are nothing to it.
  setFlagsFromString(`--interrupt-budget=${BUDGET}`);
  setFlagsFromString('--no-sparkplug');
  let kept = 0;
  let used = process.cpuUsage();
  const look = () => {
    const before = used;
    used = process.cpuUsage();
    const busy = (used.user + used.system - before.user - before.system) / 1000;
    if (busy > period * quiet || heapSize() - kept < WORTHWHILE) return;
    collectGarbage().then(
      () => {
        kept = heapSize();
      },
      () => {
        // For want of descriptors, perhaps: it is tried again.
      },
    );
  };
  setInterval(look, period).unref();
}

/** What the heap takes of the system's memory, in bytes. */
function heapSize(): number {
  return getHeapStatistics().total_physical_size;
}

/**
 * As developer tools do: what V8's own `gc()` does leaves the young generation as large as it was. Node.js can be built
 * without them, and is not made smaller then.
 */
export async function collectGarbage(): Promise<void> {
  if (!process.features.inspector) return;
  const { Session } = await import('node:inspector');
  const session = new Session();
  session.connect();
  await new Promise<void>((resolve) => session.post('HeapProfiler.collectGarbage', () => resolve()));
  session.disconnect();
}
