import { chmodSync, statSync } from 'node:fs';

/**
 * Gives a Unix socket its mode. At once, because a detour through the thread pool takes several times as long, and
 * whoever waits for the sidecar waits for this.
 *
 * @throws {Error} when there is no socket, or it can't be given that mode.
 */
export function applyPermissions(socketPath: string, permissions: number): void {
  // A named pipe has no mode.
  if (process.platform === 'win32') return;
  if (modeOf(socketPath) === permissions) return;
  const problem = tryToChange(socketPath, permissions);
  const applied = modeOf(socketPath);
  if (applied === permissions) return;
  const why = problem === null ? '' : `: ${problem}`;
  throw new Error(
    `${socketPath} has mode ${octal(applied)} and could not be given ${octal(permissions)}${why}`,
  );
}

/** Why it could not be changed; null when it was. */
function tryToChange(path: string, mode: number): string | null {
  try {
    chmodSync(path, mode);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function modeOf(path: string): number {
  const found = statSync(path);
  // Through a link, the mode of some other file would be changed.
  if (!found.isSocket()) throw new Error(`${path} is not a socket`);
  return found.mode & 0o777;
}

function octal(mode: number): string {
  return `0${mode.toString(8)}`;
}
