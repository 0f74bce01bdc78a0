import type { ConfigProblem } from './config-error.js';
import { isRecord } from './is-record.js';

type Section = Readonly<Record<string, unknown>>;

/** Each soft limit, and the limit that it must come before. */
const softLimits = [
  ['softMemoryMB', 'maxMemoryMB'],
  ['softCPUPercent', 'maxCPUPercent'],
  ['softFileDescriptors', 'maxFileDescriptors'],
] as const;

export function findResourceContradictions(resources: Section): ConfigProblem[] {
  return [...findLateWarnings(resources), ...findLonelyGroup(resources['hard'])];
}

function findLateWarnings(resources: Section): ConfigProblem[] {
  return softLimits.flatMap(([soft, max]) => {
    const [low, high] = [resources[soft], resources[max]];
    if (typeof low !== 'number' || typeof high !== 'number' || !(low >= high)) return [];
    const message = `${low} is not less than resources.${max} (${high}): it would never warn in time`;
    return [{ path: `resources.${soft}`, message }];
  });
}

function findLonelyGroup(hard: unknown): ConfigProblem[] {
  if (!isRecord(hard) || hard['cgroup'] === undefined) return [];
  if (hard['memoryMB'] !== undefined && hard['memoryMB'] !== null) return [];
  const message = 'is where the group for `memoryMB` is made: give that, or leave this out';
  return [{ path: 'resources.hard.cgroup', message }];
}

/** The paths of the hard limits that are set. */
export function hardLimits({ hard }: Section): string[] {
  if (!isRecord(hard)) return [];
  return Object.entries(hard)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name]) => `resources.hard.${name}`);
}
