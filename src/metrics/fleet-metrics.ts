import { Counter, Gauge, Registry } from 'prom-client';
import type { Fleet } from '../index.js';

export interface FleetMetricsOptions {
  /** Where the metrics are registered; by default a registry of their own. */
  readonly registry?: Registry;
  /** What each name begins with; `sidecar_fleet_` by default. One registry has one fleet by a prefix. */
  readonly prefix?: string;
}

/** A fleet that is measured. */
export interface FleetMetrics extends Disposable {
  readonly registry: Registry;
  /** Ends it: the metrics leave the registry. */
  dispose(): void;
}

const STATES = ['starting', 'running', 'restarting', 'stopping', 'stopped'] as const;

/**
 * Measures what a fleet does as a whole: restarts by its strategy, how near they are to `intensity`, why it stopped, and rollouts.
 * Its sidecars are measured by `sidecarMetrics`.
 */
export function fleetMetrics(
  fleet: Fleet,
  { registry = new Registry(), prefix = 'sidecar_fleet_' }: FleetMetricsOptions = {},
): FleetMetrics {
  const names: string[] = [];
  const common = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) => {
    names.push(prefix + name);
    return { name: prefix + name, help, labelNames, registers: [registry] };
  };
  const state: Gauge<'state'> = new Gauge({
    ...common('state', '1 for the state that the fleet is in, 0 for each other.', ['state']),
    collect: () => {
      for (const each of STATES) state.set({ state: each }, each === fleet.status().state ? 1 : 0);
    },
  });
  const inPeriod: Gauge = new Gauge({
    ...common('restarts_in_period', 'Automatic restarts that count against the intensity.'),
    collect: () => inPeriod.set(fleet.status().restarts.used),
  });
  const intensity = new Gauge(common('restarts_in_period_limit', 'With more of them the fleet stops.'));
  intensity.set(fleet.status().restarts.max);
  const restarts = new Counter(
    common('restarts_total', 'Automatic restarts, by the sidecar that failed.', ['sidecar']),
  );
  const restarted = new Counter(
    common('restarted_total', 'Sidecars that were restarted, for themselves or for another.', ['sidecar']),
  );
  const stops = new Counter(
    common('stops_total', 'How often the fleet was stopped; intensity-exceeded is an escalation.', [
      'reason',
    ]),
  );
  const rollouts = new Counter(common('rollouts_total', 'Rollouts that ended.', ['sidecar', 'outcome']));

  const stopListening = fleet.on('*', (event) => {
    switch (event.type) {
      case 'restart':
        restarts.inc({ sidecar: event.name });
        for (const sidecar of event.restarted) restarted.inc({ sidecar });
        break;
      case 'stopped':
        stops.inc({ reason: event.reason.type });
        break;
      case 'rollout-done':
        rollouts.inc({ sidecar: event.sidecar, outcome: 'done' });
        break;
      case 'rollout-failed':
        rollouts.inc({ sidecar: event.sidecar, outcome: 'failed' });
        break;
    }
  });
  const dispose = () => {
    stopListening();
    for (const name of names) registry.removeSingleMetric(name);
  };
  return { registry, dispose, [Symbol.dispose]: dispose };
}
