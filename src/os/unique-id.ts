let count = 0;

/**
 * A name that nothing else has: on this machine by the process that gives it, when that began, and how many it has given;
 * elsewhere by chance. It is no secret. `node:crypto`, which gives those, takes a MiB of memory and 4 ms to load.
 */
export function uniqueId(): string {
  count += 1;
  const parts = [process.pid, Math.round(performance.timeOrigin * 1000), count, chance()];
  return parts.map((part) => part.toString(16)).join('-');
}

function chance(): number {
  return Math.floor(Math.random() * 2 ** 32);
}
