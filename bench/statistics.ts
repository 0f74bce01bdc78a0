/** What is quoted of a series of measurements. */
export interface Summary {
  readonly min: number;
  readonly median: number;
  readonly max: number;
  readonly runs: number;
}

export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((left, right) => left - right);
  return {
    min: at(sorted, 0),
    median: medianOf(sorted),
    max: at(sorted, sorted.length - 1),
    runs: sorted.length,
  };
}

/** The median of the ratios pair by pair: a machine that slows down slows both of a pair. */
export function medianRatio(ours: readonly number[], theirs: readonly number[]): number {
  return summarize(ours.map((value, index) => value / at(theirs, index))).median;
}

function medianOf(sorted: readonly number[]): number {
  const middle = sorted.length / 2;
  return (at(sorted, Math.floor(middle)) + at(sorted, Math.ceil(middle) - 1 + (sorted.length % 2))) / 2;
}

function at(values: readonly number[], index: number): number {
  const value = values[index];
  if (value === undefined) throw new Error(`there is no measurement ${index} of ${values.length}`);
  return value;
}
