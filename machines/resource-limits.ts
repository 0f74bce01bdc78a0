import type { ResourcesConfig } from '../src/config/schema.js';
import type { ResourceSample, SidecarContext } from './sidecar.types.js';
import type { TransitionCause } from './transition-record.js';

/** What is sampled and may be limited. */
export type ResourceName = 'memory' | 'cpu' | 'fileDescriptors';

/**
 * What a broken limit leads to. `restart`: degraded, and replaced after `degradedTimeout`. `degrade`: degraded for as
 * long as it lasts. `report`: an event, and nothing else.
 */
export type LimitAction = ResourcesConfig['onMemory'];

/** Of the last `breachWindow` samples, oldest first, whether each was over the limit. */
type Windows = Readonly<Record<ResourceName, readonly boolean[]>>;

/** Samples over each limit. */
export interface ResourceCounters {
  readonly max: Windows;
  readonly soft: Windows;
}

const noSamples: Windows = { memory: [], cpu: [], fileDescriptors: [] };

export const noBreaches: ResourceCounters = { max: noSamples, soft: noSamples };

/** A limit that was broken in `breachThreshold` of the last `breachWindow` samples. */
export interface Breach {
  readonly resource: ResourceName;
  /** In the last sample, which may be back under the limit; MiB, per cent of one core, or a number. */
  readonly value: number;
  readonly limit: number;
  readonly action: LimitAction;
  /** How many samples were over the limit. */
  readonly samples: number;
  /** Of how many they are the last. */
  readonly window: number;
}

/** One more sample. */
export function countBreaches(
  { max, soft }: ResourceCounters,
  sample: ResourceSample,
  config: ResourcesConfig,
): ResourceCounters {
  const next = (windows: Windows, kind: 'max' | 'soft', name: ResourceName): readonly boolean[] => {
    const { value, [kind]: limit } = watched(sample, config)[name];
    // What is not known is not over, nor does it follow what was.
    if (limit === null || value === null) return [];
    return [...windows[name], value > limit].slice(-config.breachWindow);
  };
  const nextOfAll = (windows: Windows, kind: 'max' | 'soft'): Windows => ({
    memory: next(windows, kind, 'memory'),
    cpu: next(windows, kind, 'cpu'),
    fileDescriptors: next(windows, kind, 'fileDescriptors'),
  });
  return { max: nextOfAll(max, 'max'), soft: nextOfAll(soft, 'soft') };
}

/** The limits that count as broken after this sample was counted; those that lead to more come first. */
export function findBreaches(
  { max }: ResourceCounters,
  sample: ResourceSample | null,
  config: ResourcesConfig,
): Breach[] {
  return resourceNames
    .flatMap((resource) => breachOf(resource, max[resource], 'max', sample, config))
    .toSorted((left, right) => gravest.indexOf(left.action) - gravest.indexOf(right.action));
}

/** The soft limits that count as broken after this sample was counted. */
export function findWarnings(
  { soft }: ResourceCounters,
  sample: ResourceSample | null,
  config: ResourcesConfig,
): Breach[] {
  return resourceNames.flatMap((resource) => breachOf(resource, soft[resource], 'soft', sample, config));
}

/** Those that were not broken before: each is told once. */
export function newBreaches(before: readonly Breach[], after: readonly Breach[]): Breach[] {
  return after.filter(({ resource }) => !before.some((each) => each.resource === resource));
}

type Counted = Pick<SidecarContext, 'config' | 'resources'>;

/** The broken limit that leads to most, leaving out those that are only reported. */
export function standingBreach({ config, resources }: Counted): Breach | null {
  const [gravestOne] = findBreaches(resources, resources.last, config.resources);
  return gravestOne === undefined || gravestOne.action === 'report' ? null : gravestOne;
}

/** Whether something is wrong that only a new process mends. A limit with `degrade` is borne. */
export function callsForReplacement(trouble: TransitionCause | null): boolean {
  if (trouble === null) return false;
  return trouble.type !== 'limit' || trouble.breach.action === 'restart';
}

const gravest: readonly LimitAction[] = ['restart', 'degrade', 'report'];

const resourceNames: readonly ResourceName[] = ['memory', 'cpu', 'fileDescriptors'];

function breachOf(
  resource: ResourceName,
  window: readonly boolean[],
  kind: 'max' | 'soft',
  sample: ResourceSample | null,
  config: ResourcesConfig,
): Breach[] {
  if (sample === null) return [];
  const samples = window.filter(Boolean).length;
  const { value, action, [kind]: limit } = watched(sample, config)[resource];
  if (limit === null || value === null || samples < config.breachThreshold) return [];
  return [{ resource, value, limit, action, samples, window: window.length }];
}

function watched(sample: ResourceSample, config: ResourcesConfig) {
  return {
    memory: {
      value: sample.memoryMB,
      max: config.maxMemoryMB,
      soft: config.softMemoryMB,
      action: config.onMemory,
    },
    cpu: {
      value: sample.cpuPercent,
      max: config.maxCPUPercent,
      soft: config.softCPUPercent,
      action: config.onCPU,
    },
    fileDescriptors: {
      value: sample.fileDescriptors,
      max: config.maxFileDescriptors,
      soft: config.softFileDescriptors,
      action: config.onFileDescriptors,
    },
  };
}
