import { readTcpListeners, type TcpListener } from './listening-sockets.js';

type Listeners = readonly TcpListener[];

/** How long a table counts as recent, in milliseconds: to read it takes as long as a dozen checks. */
const RECENT = 5000;

let last: { readonly listeners: Listeners; readonly readAt: number } | null = null;
let underWay: Promise<unknown> = Promise.resolve();
let next: Promise<Listeners> | null = null;

/**
 * Who listened on TCP a moment ago, if that was looked at; nobody otherwise.
 *
 * @param since what was looked at before is of no use, by `performance.now()`
 */
export function recentTcpListeners(since = Number.NEGATIVE_INFINITY): Listeners {
  const earliest = Math.max(since, performance.now() - RECENT);
  return last !== null && last.readAt > earliest ? last.listeners : [];
}

/**
 * Who listens on TCP, looked at from now on. The tables have a row for each connection of the machine, and take milliseconds: so many
 * who ask at the same time share one look, and never are two under way.
 */
export function sharedTcpListeners(): Promise<Listeners> {
  next ??= underWay.then(async () => {
    next = null;
    const readAt = performance.now();
    const reading = readTcpListeners();
    underWay = reading.catch(() => {});
    const listeners = await reading;
    last = { listeners, readAt };
    return listeners;
  });
  return next;
}
