import { isDeepStrictEqual } from 'node:util';
import { isRecord } from './is-record.js';
import type { FleetMember, ResolvedFleetConfig } from './resolve-fleet.js';
import type { ResolvedSidecarConfig } from './schema.js';

/** What becomes of one process under a new configuration. */
export interface SidecarChange {
  /** Of the process: `api`, or `api-2` where there are several. */
  readonly name: string;
  readonly change: 'added' | 'removed' | 'changed' | 'unchanged';
  /** The settings that differ, such as `process.args`, where it was changed. */
  readonly paths: readonly string[];
  /**
   * What has to be done: `restart`: its process is replaced, as a running one keeps the settings that it was started
   * with; `in-place`: only the order in which sidecars start and stop is another.
   */
  readonly effect: 'start' | 'stop' | 'restart' | 'in-place' | 'none';
  /** It has not changed, and is restarted with these, as `strategy` says. */
  readonly alongWith: readonly string[];
}

/** What a new configuration changes. */
export interface ConfigChanges {
  /** Settings of the fleet itself that differ, such as `intensity`. None of them takes a restart. */
  readonly fleet: readonly string[];
  /** Each process of either configuration, in the order of the new one; those that are gone come last. */
  readonly sidecars: readonly SidecarChange[];
}

/**
 * Compares two configurations of a fleet. A function counts as changed when its text did, as each reading of a file
 * makes another one.
 */
export function compareFleets(before: ResolvedFleetConfig, after: ResolvedFleetConfig): ConfigChanges {
  const known = new Map(before.members.map((member) => [member.name, member]));
  const kept = new Set(after.members.map(({ name }) => name));
  const compared = after.members.map((member) => compareMembers(known.get(member.name), member));
  const gone = before.members.filter(({ name }) => !kept.has(name)).map(({ name }) => removed(name));
  const sidecars = withThoseAlong(before, [...compared, ...gone]);
  const { members: _, ...settings } = before;
  const { members: __, ...newSettings } = after;
  return { fleet: differences(settings, newSettings, ''), sidecars };
}

/** The same for a single sidecar. */
export function compareSidecars(before: ResolvedSidecarConfig, after: ResolvedSidecarConfig): ConfigChanges {
  return { fleet: [], sidecars: [compareConfigs(after.name, before, after)] };
}

/** Those that are ended and started again: as another sidecar, or as they are with one of these. */
export function endedBy({ sidecars }: ConfigChanges): {
  readonly replaced: readonly string[];
  readonly restarted: readonly string[];
} {
  const ended = sidecars.filter(({ effect }) => effect === 'restart');
  const namesOf = (changes: readonly SidecarChange[]) => changes.map(({ name }) => name);
  return {
    replaced: namesOf(ended.filter(({ alongWith }) => alongWith.length === 0)),
    restarted: namesOf(ended.filter(({ alongWith }) => alongWith.length > 0)),
  };
}

function compareMembers(before: FleetMember | undefined, after: FleetMember): SidecarChange {
  const { name } = after;
  if (before === undefined) return { name, change: 'added', paths: [], effect: 'start', alongWith: [] };
  const compared = compareConfigs(name, before.config, after.config);
  if (compared.change === 'changed' || isDeepStrictEqual(before.dependsOn, after.dependsOn)) return compared;
  return { ...compared, change: 'changed', paths: ['dependsOn'], effect: 'in-place' };
}

function compareConfigs(
  name: string,
  before: ResolvedSidecarConfig,
  after: ResolvedSidecarConfig,
): SidecarChange {
  const paths = differences(before, after, '');
  return paths.length === 0
    ? { name, change: 'unchanged', paths, effect: 'none', alongWith: [] }
    : { name, change: 'changed', paths, effect: 'restart', alongWith: [] };
}

function removed(name: string): SidecarChange {
  return { name, change: 'removed', paths: [], effect: 'stop', alongWith: [] };
}

/** Those that the strategy restarts with one that is replaced; in the terms of OTP no temporary ones. */
function withThoseAlong(
  { strategy, members }: ResolvedFleetConfig,
  changes: readonly SidecarChange[],
): readonly SidecarChange[] {
  if (strategy === 'one-for-one') return changes;
  const replaced = changes.filter(({ effect }) => effect === 'restart').map(({ name }) => name);
  return changes.map((each) => {
    const member = members.find(({ name }) => name === each.name);
    const isLeftAlone = each.effect === 'restart' || each.change === 'removed' || each.change === 'added';
    if (member === undefined || isLeftAlone || !member.config.process.autoRestart) return each;
    const alongWith = replaced.filter(
      (name) => strategy === 'one-for-all' || startsAfter(members, member, name),
    );
    return alongWith.length === 0 ? each : { ...each, effect: 'restart', alongWith };
  });
}

/** Instances of one sidecar are equals: none of them comes after another. */
function startsAfter(members: readonly FleetMember[], member: FleetMember, other: string): boolean {
  const key = members.find(({ name }) => name === other)?.sidecar;
  return members.indexOf(member) > members.findLastIndex(({ sidecar }) => sidecar === key);
}

/** The paths of what differs; lists are compared as a whole. */
function differences(before: unknown, after: unknown, path: string): readonly string[] {
  if (isPlain(before) && isPlain(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) =>
      differences(before[key], after[key], path === '' ? key : `${path}.${key}`),
    );
  }
  return isDeepStrictEqual(comparable(before), comparable(after)) ? [] : [path];
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return isRecord(value) && !(value instanceof RegExp);
}

function comparable(value: unknown): unknown {
  return typeof value === 'function' ? String(value) : value;
}
