import { MAX_TIMER } from './values.js';

/** Two settings of one section, of which the first must not be more than the second. */
export interface OrderedSettings {
  readonly section: 'process' | 'resources' | 'healthCheck';
  readonly smaller: string;
  readonly larger: string;
  /** What would happen otherwise. */
  readonly otherwise: string;
}

export const orderedSettings: readonly OrderedSettings[] = [
  {
    section: 'process',
    smaller: 'restartDelay',
    larger: 'maxRestartDelay',
    otherwise: 'the first delay would exceed the longest',
  },
  {
    section: 'process',
    smaller: 'restartDelay',
    larger: 'restartWindow',
    otherwise: 'restarts would never be limited',
  },
  {
    section: 'resources',
    smaller: 'breachThreshold',
    larger: 'breachWindow',
    otherwise: 'so many of so few samples can never be over a limit',
  },
  {
    section: 'healthCheck',
    smaller: 'timeout',
    larger: 'startupTimeout',
    otherwise: 'the first check could never fail in time',
  },
  {
    section: 'healthCheck',
    smaller: 'retryInterval',
    larger: 'interval',
    otherwise: 'a failed check must not be retried later',
  },
];

type Section = Readonly<Record<string, unknown>>;

/** A section in which defaults give way: `interval: 500` alone must not contradict the default `retryInterval`. */
export function withYieldingDefaults(
  section: OrderedSettings['section'],
  given: Section,
  defaults: Section,
): Section {
  const yielding: Record<string, unknown> = {};
  const yieldTo = (name: string, bound: (...values: number[]) => number, value: unknown) => {
    const preset = yielding[name] ?? defaults[name];
    // What is wrong in itself is told by the schema, once.
    if (typeof preset === 'number' && isPositiveInteger(value)) yielding[name] = bound(preset, value);
  };
  for (const { smaller, larger } of orderedSettings.filter((each) => each.section === section)) {
    yieldTo(smaller, Math.min, given[larger]);
    yieldTo(larger, Math.max, given[smaller]);
  }
  return { ...yielding, ...given };
}

/** A resources section in which `breachThreshold` alone means so many samples in a row. */
export function withBreachWindow(given: Section, defaults: Section): Section {
  const { breachThreshold, breachWindow } = given;
  if (breachWindow === undefined && isPositiveInteger(breachThreshold)) {
    return { ...given, breachWindow: breachThreshold };
  }
  return withYieldingDefaults('resources', given, defaults);
}

/** How long a degraded sidecar takes to pass often enough, in milliseconds; null when the settings are wrong. */
export function recoveryTime({ retryInterval, successThreshold }: Section): number | null {
  if (!isPositiveInteger(retryInterval) || !isPositiveInteger(successThreshold)) return null;
  return retryInterval * successThreshold;
}

/** A health check section in which defaults leave a degraded sidecar the time to recover, where they can. */
export function withTimeToRecover(section: Section, given: Section, defaults: Section): Section {
  const all = { ...defaults, ...section };
  const { degradedTimeout, successThreshold } = all;
  const needed = recoveryTime(all);
  if (needed === null || !isPositiveInteger(degradedTimeout) || needed <= degradedTimeout) return section;
  if (!('degradedTimeout' in given)) return { ...section, degradedTimeout: Math.min(needed, MAX_TIMER) };
  if ('retryInterval' in given) return section;
  const longest = Math.floor(degradedTimeout / Number(successThreshold));
  return { ...section, retryInterval: Math.max(1, longest) };
}

function isPositiveInteger(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) > 0;
}
