import { closeSync, openSync } from 'node:fs';

/**
 * Tells later whether the terminal that this process was started in is gone, as when its window was closed.
 *
 * @returns what asks for that; never true for a process that had none
 */
export function watchTerminal(): () => boolean {
  const hadOne = hasTerminal();
  return () => hadOne && !hasTerminal();
}

/** The controlling terminal can't be opened any more once it has hung up. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
