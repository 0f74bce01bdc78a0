import type { ResourcesConfig } from '../src/config/schema.js';
import { noBreaches } from './resource-limits.js';
import type { ResourceSample, SidecarContext } from './sidecar.types.js';

type Sampling = SidecarContext['resources'];

/** How many samples a trend looks back on: five minutes with the default interval. */
export const TREND_SAMPLES = 60;

/** Fewer samples tell nothing. */
const LEAST_SAMPLES = 6;

/** The least share of what is seen that a straight line must explain (R²): a sawtooth is no trend. */
const LEAST_FIT = 0.8;

/** No further ahead than this many times what was looked back on. */
const FARTHEST = 20;

/** Nothing was sampled yet. */
export const noSampling: Sampling = { ...noBreaches, last: null, recent: [] };

/** Remembers one more sample, for as long as a trend looks back. */
export function withSample({ recent }: Sampling, sample: ResourceSample): Pick<Sampling, 'last' | 'recent'> {
  return { last: sample, recent: [...recent, sample].slice(-TREND_SAMPLES) };
}

/** Where a resource that grows steadily will meet its limit. */
export interface ResourceTrend {
  readonly resource: 'memory' | 'fileDescriptors';
  /** In the last sample: MiB, or a number. */
  readonly value: number;
  readonly limit: number;
  /** How much more it becomes in a minute. */
  readonly perMinute: number;
  /** When the limit is met at this rate, in milliseconds after the last sample. */
  readonly limitIn: number;
}

/**
 * The limit that is met first at the rate of the last samples, by least squares; null when nothing grows steadily, or
 * a limit is broken already, or is too far away to tell.
 */
export function findTrend(recent: readonly ResourceSample[], config: ResourcesConfig): ResourceTrend | null {
  const memory = trendOf('memory', memoryOf(recent), config.maxMemoryMB);
  const fileDescriptors = trendOf(
    'fileDescriptors',
    recent.flatMap((sample) => pointOf(sample, sample.fileDescriptors)),
    config.maxFileDescriptors,
  );
  const [first] = [...memory, ...fileDescriptors].toSorted((left, right) => left.limitIn - right.limitIn);
  return first ?? null;
}

interface Point {
  readonly at: number;
  readonly value: number;
}

/** As far back as it was measured in the same way. */
function memoryOf(recent: readonly ResourceSample[]): Point[] {
  const measure = recent.at(-1)?.memoryMeasure;
  const changed = recent.findLastIndex((sample) => sample.memoryMeasure !== measure);
  return recent.slice(changed + 1).flatMap((sample) => pointOf(sample, sample.memoryMB));
}

function pointOf({ sampledAt }: ResourceSample, value: number | null): Point[] {
  return value === null ? [] : [{ at: sampledAt, value }];
}

function trendOf(
  resource: ResourceTrend['resource'],
  points: readonly Point[],
  limit: number | null,
): ResourceTrend[] {
  const [first, last] = [points[0], points.at(-1)];
  if (limit === null || first === undefined || last === undefined || points.length < LEAST_SAMPLES) return [];
  const { slope, fit } = fitLine(points);
  const limitIn = (limit - last.value) / slope;
  if (!(slope > 0) || fit < LEAST_FIT || last.value > limit) return [];
  if (limitIn > FARTHEST * (last.at - first.at)) return [];
  return [{ resource, value: last.value, limit, perMinute: slope * 60_000, limitIn }];
}

/** Least squares; `slope` is per millisecond. */
function fitLine(points: readonly Point[]): { slope: number; fit: number } {
  const mean = (of: (point: Point) => number) =>
    points.reduce((sum, each) => sum + of(each), 0) / points.length;
  const [middle, average] = [mean(({ at }) => at), mean(({ value }) => value)];
  const alongTime = mean(({ at }) => (at - middle) ** 2);
  const alongValue = mean(({ value }) => (value - average) ** 2);
  const together = mean(({ at, value }) => (at - middle) * (value - average));
  return { slope: together / alongTime, fit: together ** 2 / (alongTime * alongValue) };
}
