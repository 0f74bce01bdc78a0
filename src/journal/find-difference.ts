import { isRecord } from '../config/is-record.js';

/** The first place where two values differ, as JSON would have them: what is undefined is not there. */
export function findDifference(
  recorded: unknown,
  replayed: unknown,
  what: string,
): { readonly what: string; readonly recorded: unknown; readonly replayed: unknown } | null {
  if (Array.isArray(recorded) && Array.isArray(replayed)) {
    const longest = Math.max(recorded.length, replayed.length);
    for (let index = 0; index < longest; index += 1) {
      const found = findDifference(recorded[index], replayed[index], `${what}[${index}]`);
      if (found !== null) return found;
    }
    return null;
  }
  if (isRecord(recorded) && isRecord(replayed)) {
    for (const key of new Set([...Object.keys(recorded), ...Object.keys(replayed)])) {
      const found = findDifference(recorded[key], replayed[key], `${what}.${key}`);
      if (found !== null) return found;
    }
    return null;
  }
  return Object.is(recorded, replayed) ? null : { what, recorded, replayed };
}
