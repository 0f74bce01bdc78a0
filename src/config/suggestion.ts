import { closest, distance } from 'fastest-levenshtein';

/** The known name that was meant, as far as can be guessed: `retry` is `retryInterval`; null when none is similar. */
export function nearestName(name: string, known: readonly string[]): string | null {
  if (name === '' || known.length === 0) return null;
  const begun = known.find((each) => each.toLowerCase().startsWith(name.toLowerCase()));
  const nearest = begun ?? closest(name, [...known]);
  return begun !== undefined || distance(name, nearest) <= name.length / 2 ? nearest : null;
}
