import type { SidecarMetrics } from '../metrics.js';
import { errorCode } from '../os/error-code.js';
import { Problem } from './problem.js';
import type { Service } from './service.js';

/** The metrics of a service, measured from when they are first asked for. */
export class MetricsText {
  readonly #service: Service;
  #metrics: Promise<SidecarMetrics> | null = null;

  constructor(service: Service) {
    this.#service = service;
  }

  /** @throws {Problem} 501 when prom-client is not installed */
  async read(): Promise<{ readonly contentType: string; readonly text: string }> {
    this.#metrics ??= this.#measure().catch((error: unknown) => {
      this.#metrics = null;
      throw error;
    });
    const { registry } = await this.#metrics;
    return { contentType: registry.contentType, text: await registry.metrics() };
  }

  async #measure(): Promise<SidecarMetrics> {
    const { fleetMetrics, sidecarMetrics } = await import('../metrics.js').catch((error: unknown) => {
      if (errorCode(error) !== 'ERR_MODULE_NOT_FOUND') throw error;
      throw new Problem(
        501,
        'metrics take the package prom-client, which is not installed: npm install prom-client',
      );
    });
    const metrics = sidecarMetrics(this.#service.members.map(({ sidecar }) => sidecar));
    const { fleet } = this.#service;
    if (fleet !== null) fleetMetrics(fleet, { registry: metrics.registry });
    return metrics;
  }
}
