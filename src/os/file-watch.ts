import { type FSWatcher, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** How often the folder is looked at while it can't be watched, and in case that a change was missed, in milliseconds. */
const POLL = 100;

/**
 * Calls `changed` when something may have happened to the file or socket at `path`: at once where the system tells,
 * and within 100 ms otherwise, as watching a folder is a hint and no promise. Neither keeps the host alive.
 *
 * @returns the function that ends it.
 */
export function watchFile(path: string, changed: () => void): () => void {
  const name = basename(path);
  let watcher = tryToWatch(path, name, changed);
  let seen: string | null = null;
  const timer = setInterval(() => {
    // The folder may come into being later than this.
    watcher ??= tryToWatch(path, name, changed);
    const now = describe(path);
    if (now === seen) return;
    seen = now;
    changed();
  }, POLL).unref();
  return () => {
    clearInterval(timer);
    watcher?.close();
  };
}

/** What is different once the file was replaced or written to; null while there is none. */
function describe(path: string): string | null {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    // Not there, or not to be looked at: whoever is told next will say so.
    return null;
  }
}

function tryToWatch(path: string, name: string, changed: () => void): FSWatcher | null {
  try {
    const watcher = watch(dirname(path), { persistent: false }, (_event, changedName) => {
      if (changedName === null || changedName === name) changed();
    });
    // A folder that goes away, for example; the timer goes on looking.
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    // No such folder, or the system watches no more: the timer goes on looking.
    return null;
  }
}
