/**
 * Prometheus metrics of sidecars, through prom-client, an optional peer dependency.
 *
 * ```ts
 * const { registry } = sidecarMetrics(sidecar);
 * response.end(await registry.metrics());
 * ```
 */
export { type FleetMetrics, type FleetMetricsOptions, fleetMetrics } from './metrics/fleet-metrics.js';
export { type MetricsOptions, type SidecarMetrics, sidecarMetrics } from './metrics/sidecar-metrics.js';
