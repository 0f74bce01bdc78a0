import type { ConfigProblem } from './config-error.js';
import { formatPath } from './schema-problems.js';

/** How deep a configuration nests at most; nothing in it is deeper. */
const MAX_DEPTH = 8;

/** A key with this name is left out when a configuration is copied, and whatever it was meant for would be missing. */
const LOST = '__proto__';

/** The keys that nobody would ever see again. */
export function findLostKeys(value: unknown, path: readonly PropertyKey[] = []): ConfigProblem[] {
  if (typeof value !== 'object' || value === null || path.length > MAX_DEPTH) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const where = [...path, Array.isArray(value) ? Number(key) : key];
    if (key !== LOST) return findLostKeys(inner, where);
    return [{ path: formatPath(where), message: `a key can't be named ${LOST}` }];
  });
}
