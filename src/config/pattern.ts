/** A copy without the flags that make a regular expression remember where it was. */
export function freshPattern(pattern: string | RegExp): RegExp {
  if (typeof pattern === 'string') return new RegExp(pattern);
  return new RegExp(pattern.source, pattern.flags.replaceAll(/[gy]/g, ''));
}
