import { readdirSync, readFileSync } from 'node:fs';

/**
 * The living processes that were started with a variable of the environment, or descend from one that was. Empty where
 * the platform does not show environments in /proc. Those of other users are not seen.
 */
export function findMarked(variable: string, value: string): number[] {
  if (process.platform !== 'linux') return [];
  const mark = `${variable}=${value}`;
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && environmentOf(entry).includes(mark))
    .map(Number);
}

/** Empty for one that has ended, also when nobody has waited for it yet. */
function environmentOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    // Another user's, or it has ended since it was listed.
    return [];
  }
}
