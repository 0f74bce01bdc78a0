import type { FSWatcher } from 'chokidar';
import type { Watched } from './source-matcher.js';

export interface SourceListener {
  /** Sources were saved, made or removed, and then nothing was for `watch.delay`. */
  readonly changed: () => void;
  /** They can't be watched, or not all of them. */
  readonly failed: (error: string) => void;
}

/**
 * Watches the sources of a sidecar. It keeps nobody alive.
 *
 * @returns the function that ends it
 */
export function watchSources(watched: Watched, { changed, failed }: SourceListener): () => void {
  const ended = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const note = () => {
    if (ended.signal.aborted) return;
    clearTimeout(timer);
    timer = setTimeout(changed, watched.watch.delay).unref();
  };
  const tell = (error: unknown) => {
    if (ended.signal.aborted) return;
    failed(`the sources can't be watched: ${error instanceof Error ? error.message : String(error)}`);
  };
  open(watched, note, tell).then((watcher) => {
    const close = () => void watcher.close().catch(tell);
    if (ended.signal.aborted) close();
    else ended.signal.addEventListener('abort', close, { once: true });
  }, tell);
  return () => {
    ended.abort();
    clearTimeout(timer);
  };
}

async function open(watched: Watched, note: () => void, tell: (error: unknown) => void): Promise<FSWatcher> {
  const since = Date.now();
  // Loaded by who watches only.
  const [{ watch }, { SourceMatcher }] = await Promise.all([
    import('chokidar'),
    import('./source-matcher.js'),
  ]);
  const matcher = new SourceMatcher(watched);
  const watcher = watch([...matcher.roots], {
    persistent: false,
    alwaysStat: true,
    ignored: (path, stats) => {
      if (stats === undefined) return false;
      return stats.isDirectory() ? matcher.isForeign(path) : !matcher.isSource(path);
    },
  });
  let isReady = false;
  watcher.on('ready', () => {
    isReady = true;
  });
  watcher.on('add', (_path, stats) => {
    // Saved while it was still looking around.
    if (isReady || (stats?.mtimeMs ?? 0) >= since) note();
  });
  watcher.on('change', note);
  watcher.on('unlink', note);
  watcher.on('error', tell);
  return watcher;
}
