import type { Sidecar } from '../index.js';
import type { SidecarMetrics } from '../metrics.js';
import { errorCode } from '../os/error-code.js';
import { Problem } from './problem.js';
import type { Service } from './service.js';

type Metrics = typeof import('../metrics.js');

/** The metrics of a service, measured from when they are first asked for. */
export class MetricsText {
  readonly #service: Service;
  /** Those that are measured; one that is given up leaves the registry by itself. */
  readonly #measured = new WeakSet<Sidecar>();
  #registry: SidecarMetrics['registry'] | null = null;

  constructor(service: Service) {
    this.#service = service;
  }

  /** @throws {Problem} 501 when prom-client is not installed */
  async read(): Promise<{ readonly contentType: string; readonly text: string }> {
    const { fleetMetrics, sidecarMetrics } = await load();
    const added = this.#service.members
      .map(({ sidecar }) => sidecar)
      .filter((sidecar) => !this.#measured.has(sidecar));
    if (this.#registry === null || added.length > 0) {
      const isFirst = this.#registry === null;
      const options = this.#registry === null ? {} : { registry: this.#registry };
      this.#registry = sidecarMetrics(added, options).registry;
      const { fleet } = this.#service;
      if (isFirst && fleet !== null) fleetMetrics(fleet, { registry: this.#registry });
      for (const sidecar of added) this.#measured.add(sidecar);
    }
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
  }
}

async function load(): Promise<Metrics> {
  return await import('../metrics.js').catch((error: unknown) => {
    if (errorCode(error) !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Problem(
      501,
      'metrics take the package prom-client, which is not installed: npm install prom-client',
    );
  });
}
