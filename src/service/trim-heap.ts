import { getHeapStatistics } from 'node:v8';

/** A collection stops everything for some tens of milliseconds, so it must bring as much as this, in bytes. */
const WORTHWHILE = 16 * 1024 * 1024;

/** Who uses more than this part of a core has something to do, and is not to be held up. */
const QUIET = 0.2;

/**
 * Gives back to the system what the heap of this process was stretched by, as by the start of many sidecars, once it is
 * quiet. V8 does so with its next full collection, which in a service that has nothing to do may never come.
 *
 * For a process that is ours alone: everything in it waits meanwhile.
 *
 * @param period between two looks, in milliseconds
 * @returns the function that ends it
 */
export function trimHeap(period = 10_000): () => void {
  // Node.js can be built without the one public way to ask V8 for it.
  if (!process.features.inspector) return () => {};
  let kept = 0;
  let used = process.cpuUsage();
  const look = () => {
    const before = used;
    used = process.cpuUsage();
    const busy = (used.user + used.system - before.user - before.system) / 1000;
    if (busy > period * QUIET || heapSize() - kept < WORTHWHILE) return;
    void collect().then(() => {
      kept = heapSize();
    });
  };
  const timer = setInterval(look, period).unref();
  return () => clearInterval(timer);
}

/** What the heap takes of the system's memory, in bytes. */
function heapSize(): number {
  return getHeapStatistics().total_physical_size;
}

async function collect(): Promise<void> {
  const { Session } = await import('node:inspector');
  const session = new Session();
  session.connect();
  await new Promise<void>((resolve) => session.post('HeapProfiler.collectGarbage', () => resolve()));
  session.disconnect();
}
