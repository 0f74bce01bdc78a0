const callbacks = new Set<() => void>();

/**
 * Calls back while the host exits, when nothing asynchronous can happen any more. However many do, the process has one
 * listener.
 *
 * @returns the function that gives it up again.
 */
export function runAtExit(callback: () => void): () => void {
  if (callbacks.size === 0) process.on('exit', runAll);
  callbacks.add(callback);
  return () => {
    if (callbacks.delete(callback) && callbacks.size === 0) process.off('exit', runAll);
  };
}

function runAll(): void {
  for (const callback of callbacks) callback();
}
