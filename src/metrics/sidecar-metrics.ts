import { Registry } from 'prom-client';
import type { Sidecar } from '../sidecar.js';
import { SidecarError } from '../sidecar-error.js';
import { MetricFamilies, ownLabels } from './families.js';

export interface MetricsOptions {
  /** Where the metrics are registered; by default a registry of their own. */
  readonly registry?: Registry;
  /** What each name begins with; `sidecar_` by default. */
  readonly prefix?: string;
  /** Further labels on each series of these sidecars. One registry takes the same names of labels for all sidecars. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Sidecars that are measured. */
export interface SidecarMetrics extends Disposable {
  readonly registry: Registry;
  /** Ends it: their series leave the registry, and with the last sidecar the metrics. */
  dispose(): void;
}

/** By registry and prefix. */
const families = new WeakMap<Registry, Map<string, MetricFamilies>>();

/**
 * Measures sidecars: Prometheus metrics with the label `sidecar`, in one registry for as many as you like. What can be
 * read when the registry is asked is read then; only restarts, checks, compilations and starts are followed. A sidecar
 * that is given up (`await using`) leaves the registry by itself.
 *
 * @throws {SidecarError} when one of them is measured in this registry already, or has the name of one that is, and
 *   when a name of the options can't be one. Nothing is measured then.
 */
export function sidecarMetrics(
  sidecars: Sidecar | readonly Sidecar[],
  { registry = new Registry(), prefix = 'sidecar_', labels = {} }: MetricsOptions = {},
): SidecarMetrics {
  const all = isList(sidecars) ? sidecars : [sidecars];
  requireNames(prefix, Object.keys(labels));
  const present = families.get(registry)?.get(prefix);
  if (present !== undefined) requireSameLabels(present, Object.keys(labels));
  requireNew(all, present);

  const family = present ?? createFamily(registry, prefix, Object.keys(labels));
  const remove = (sidecar: Sidecar) => {
    family.remove(sidecar);
    if (family.isEmpty && families.get(registry)?.get(prefix) === family) {
      family.unregister();
      families.get(registry)?.delete(prefix);
    }
  };
  const endings = all.map((sidecar) => {
    family.add(sidecar, labels);
    return sidecar.onDispose(() => remove(sidecar));
  });
  const dispose = () => {
    for (const end of endings) end();
    for (const sidecar of all) remove(sidecar);
  };
  return { registry, dispose, [Symbol.dispose]: dispose };
}

function isList(sidecars: Sidecar | readonly Sidecar[]): sidecars is readonly Sidecar[] {
  return Array.isArray(sidecars);
}

function createFamily(registry: Registry, prefix: string, labelNames: readonly string[]): MetricFamilies {
  const family = new MetricFamilies(registry, prefix, labelNames);
  const ofRegistry = families.get(registry) ?? new Map<string, MetricFamilies>();
  families.set(registry, ofRegistry.set(prefix, family));
  return family;
}

function requireNames(prefix: string, labelNames: readonly string[]): void {
  if (!/^(?:[A-Za-z_:][\w:]*)?$/.test(prefix)) {
    throw new SidecarError(`"${prefix}" can't begin the name of a metric: use letters, digits, "_" and ":".`);
  }
  for (const name of labelNames) {
    if (!/^[A-Za-z_]\w*$/.test(name) || name.startsWith('__')) {
      throw new SidecarError(`"${name}" can't be the name of a label: use letters, digits and "_".`);
    }
    if (ownLabels.has(name)) {
      throw new SidecarError(`The label "${name}" is one of the metrics themselves: choose another name.`);
    }
  }
}

function requireSameLabels({ labelNames }: MetricFamilies, given: readonly string[]): void {
  const [before, now] = [labelNames.toSorted().join(', '), given.toSorted().join(', ')];
  if (before === now) return;
  throw new SidecarError(
    `The sidecars of this registry have the labels (${before}) and not (${now}): give all of them the same names.`,
  );
}

function requireNew(sidecars: readonly Sidecar[], family: MetricFamilies | undefined): void {
  const names = new Set<string>();
  for (const sidecar of sidecars) {
    const { name } = sidecar.config;
    if (family?.has(sidecar) || sidecars.indexOf(sidecar) !== sidecars.lastIndexOf(sidecar)) {
      throw new SidecarError(`The sidecar "${name}" is measured in this registry already.`);
    }
    if (family?.hasName(name) || names.has(name)) {
      throw new SidecarError(
        `A sidecar called "${name}" is measured in this registry already: give each a name of its own.`,
      );
    }
    names.add(name);
  }
}
