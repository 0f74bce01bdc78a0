import { type ConfigProblem, SidecarConfigError } from './config-error.js';
import { findEqualNames, findInstanceProblems, findSharedPlaces } from './fleet-contradictions.js';
import { dependencyGraph, findDependencyProblems, startOrder } from './fleet-dependencies.js';
import { instanceConfig, instanceNames } from './fleet-instances.js';
import {
  type DependencyCondition,
  type FleetConfig,
  fleetFrameSchema,
  fleetSidecarSchema,
  type ResolvedFleetSidecar,
} from './fleet-schema.js';
import { isRecord } from './is-record.js';
import { checkConfig } from './resolve.js';
import type { ResolvedSidecarConfig } from './schema.js';
import { describeIssues } from './schema-problems.js';
import { stateLocation } from './state-location.js';
import type { WatchConfig } from './watch-schema.js';

/** What one process of a fleet waits for. */
export interface MemberDependency {
  readonly name: string;
  /** `compiled`: the first instance compiles for all of them. */
  readonly condition: DependencyCondition | 'compiled';
}

/** One process of a fleet: a sidecar, or one of its instances. */
export interface FleetMember {
  readonly name: string;
  /** The key in the configuration. */
  readonly sidecar: string;
  readonly config: ResolvedSidecarConfig;
  readonly dependsOn: readonly MemberDependency[];
}

/** A validated configuration of a fleet. */
export interface ResolvedFleetConfig {
  readonly strategy: 'one-for-one' | 'one-for-all' | 'rest-for-one';
  readonly intensity: number;
  /** In milliseconds. */
  readonly period: number;
  /** In the order in which they start: each after what it depends on, and otherwise as they were written. */
  readonly members: readonly FleetMember[];
  /** Those with several instances whose sources are watched, by their keys. */
  readonly watched: Readonly<Record<string, WatchedSidecar>>;
  /** Whether, and how, all of them are shown. */
  readonly inspect: ResolvedSidecarConfig['inspect'];
}

/** What is watched of a sidecar with several instances. */
export type WatchedSidecar = Pick<ResolvedSidecarConfig, 'compile'> & { readonly watch: WatchConfig };

/**
 * Validates the configuration of a fleet and fills in the defaults.
 *
 * @throws {SidecarConfigError} listing every problem of the fleet and of each sidecar with its path, if there is any.
 */
export function resolveFleetConfig<Name extends string>(config: FleetConfig<Name>): ResolvedFleetConfig {
  return parseFleetConfig(config);
}

/**
 * Checks a value of which nothing is known, such as what a file holds.
 *
 * @throws {SidecarConfigError} listing every problem, if it is no configuration of a fleet.
 */
export function requireFleetConfig(value: unknown): asserts value is FleetConfig {
  parseFleetConfig(value);
}

function parseFleetConfig(config: unknown): ResolvedFleetConfig {
  const frame = fleetFrameSchema.safeParse(config, { reportInput: true });
  const problems = frame.success ? [] : describeIssues(frame.error.issues, config, fleetFrameSchema);
  const sidecars = sidecarsIn(config);
  const graph = dependencyGraph(sidecars);
  const resolved = new Map<string, ResolvedFleetSidecar>();
  for (const [name, sidecar] of Object.entries(sidecars)) {
    // What is no object at all was told already.
    if (!isRecord(sidecar)) continue;
    const checked = checkSidecar(name, sidecar);
    problems.push(...checked.problems);
    if (checked.resolved !== null) resolved.set(name, checked.resolved);
  }
  problems.push(
    ...findDependencyProblems(graph),
    ...findEqualNames(new Map([...resolved].map(([name, { instances }]) => [name, instances]))),
  );
  const members = startOrder(graph).flatMap((name) => membersOf(name, resolved));
  if (problems.length === 0) problems.push(...findSharedPlaces(members));
  if (!frame.success || problems.length > 0) throw new SidecarConfigError(problems);
  const { strategy, intensity, period, inspect } = frame.data;
  return { strategy, intensity, period, members, watched: watchedOf(resolved), inspect };
}

function watchedOf(all: ReadonlyMap<string, ResolvedFleetSidecar>): Readonly<Record<string, WatchedSidecar>> {
  const watched = [...all].flatMap(([name, { instances, watch, compile }]) =>
    instances > 1 && watch !== undefined ? [[name, { watch, compile }] as const] : [],
  );
  return Object.fromEntries(watched);
}

/** Gives the configuration of a fleet its type; it is validated when a fleet is made from it. */
export function defineFleet<const Name extends string>(config: FleetConfig<Name>): FleetConfig<Name> {
  return config;
}

/** They may come from plain JavaScript or a parsed file. */
function sidecarsIn(config: unknown): Readonly<Record<string, unknown>> {
  const sidecars = isRecord(config) ? config['sidecars'] : undefined;
  return isRecord(sidecars) ? sidecars : {};
}

function checkSidecar(
  name: string,
  { name: ownName, lazy, inspect, ...sidecar }: Readonly<Record<string, unknown>>,
) {
  const stateDirectory = stateLocation({ name, ...sidecar });
  const { resolved, problems } = checkConfig({ ...sidecar, stateDirectory }, fleetSidecarSchema);
  const misplaced: ConfigProblem[] = [
    ...(ownName === undefined
      ? []
      : [{ path: 'name', message: `has no place in a fleet, where the key "${name}" is the name` }]),
    ...(lazy === undefined
      ? []
      : [{ path: 'lazy', message: 'has no place in a fleet, which starts all of its sidecars' }]),
    ...(inspect === undefined
      ? []
      : [{ path: 'inspect', message: 'has its place beside `sidecars`: one page shows all of them' }]),
  ];
  const placed = [...misplaced, ...problems].map(({ path, message }) => ({
    path: path === '' ? `sidecars.${name}` : `sidecars.${name}.${path}`,
    message,
  }));
  if (resolved !== null) placed.push(...findInstanceProblems(name, resolved));
  return { resolved, problems: placed };
}

function membersOf(sidecar: string, all: ReadonlyMap<string, ResolvedFleetSidecar>): readonly FleetMember[] {
  const resolved = all.get(sidecar);
  if (resolved === undefined) return [];
  const dependsOn = Object.entries(resolved.dependsOn).flatMap(([other, condition]) =>
    instanceNames(other, all.get(other)?.instances ?? 1).map((name) => ({ name, condition })),
  );
  const names = instanceNames(sidecar, resolved.instances);
  return names.map((name, index) => {
    const [first = name] = names;
    const isCompiledFor = index > 0 && resolved.compile !== undefined;
    return {
      name,
      sidecar,
      config: instanceConfig(resolved, name, index),
      dependsOn: [...dependsOn, ...(isCompiledFor ? [{ name: first, condition: 'compiled' as const }] : [])],
    };
  });
}
