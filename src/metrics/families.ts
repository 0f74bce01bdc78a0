import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Sidecar } from '../sidecar.js';
import { type Labels, MeasuredSidecar, type Observe } from './measured-sidecar.js';
import { type ReadMetric, readMetrics } from './readings.js';

/** The histograms; their times are in seconds. */
const histograms = {
  timeToReady: {
    name: 'time_to_ready_seconds',
    help: 'From the start of a process until it takes requests.',
    labels: [],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
  },
  compile: {
    name: 'compile_duration_seconds',
    help: 'How long compilations took, by their outcomes.',
    labels: ['outcome'],
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
  },
  healthCheck: {
    name: 'health_check_duration_seconds',
    help: 'How long health checks took, by the probe and the check.',
    labels: ['probe', 'check'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  },
} as const;

type HistogramKey = keyof typeof histograms;

/** The labels that a sidecar can't be given: they tell the series of one metric apart. */
export const ownLabels: ReadonlySet<string> = new Set([
  'sidecar',
  'le',
  ...readMetrics.flatMap(({ labels }) => labels ?? []),
  ...Object.values(histograms).flatMap(({ labels }) => labels),
]);

/** The metrics in one registry, with a series for each sidecar that is measured. */
export class MetricFamilies {
  readonly labelNames: readonly string[];
  readonly #registry: Registry;
  readonly #prefix: string;
  readonly #measured = new Map<Sidecar, MeasuredSidecar>();
  readonly #histograms: Readonly<Record<HistogramKey, Histogram>>;
  /** The series that each sidecar has in the histograms: prom-client removes them one by one. */
  readonly #series = new Map<MeasuredSidecar, Map<string, () => void>>();

  constructor(registry: Registry, prefix: string, labelNames: readonly string[]) {
    this.#registry = registry;
    this.#prefix = prefix;
    this.labelNames = labelNames;
    for (const metric of readMetrics) this.#register(metric);
    const create = (key: HistogramKey) => {
      const { name, help, labels, buckets } = histograms[key];
      return new Histogram({
        ...this.#common(name, help, labels),
        buckets: [...buckets],
      });
    };
    this.#histograms = {
      timeToReady: create('timeToReady'),
      compile: create('compile'),
      healthCheck: create('healthCheck'),
    };
  }

  get isEmpty(): boolean {
    return this.#measured.size === 0;
  }

  has(sidecar: Sidecar): boolean {
    return this.#measured.has(sidecar);
  }

  hasName(name: string): boolean {
    return [...this.#measured.keys()].some(({ config }) => config.name === name);
  }

  add(sidecar: Sidecar, labels: Labels): void {
    const observe: Observe = (key, own, value) => this.#observe(measured, key, own, value);
    const measured = new MeasuredSidecar(sidecar, { sidecar: sidecar.config.name, ...labels }, observe);
    this.#measured.set(sidecar, measured);
    this.#series.set(measured, new Map());
  }

  remove(sidecar: Sidecar): void {
    const measured = this.#measured.get(sidecar);
    if (measured === undefined) return;
    measured.close();
    this.#measured.delete(sidecar);
    for (const removeSeries of this.#series.get(measured)?.values() ?? []) removeSeries();
    this.#series.delete(measured);
  }

  /** Leaves the registry as it was. */
  unregister(): void {
    for (const { name } of [...readMetrics, ...Object.values(histograms)]) {
      this.#registry.removeSingleMetric(this.#prefix + name);
    }
  }

  #register({ name, help, type, labels = [], read }: ReadMetric): void {
    const common = this.#common(name, help, labels);
    const each = (set: (labels: Labels, value: number) => void) => {
      for (const measured of this.#measured.values()) {
        for (const [own, value] of read(measured)) set({ ...measured.labels, ...own }, value);
      }
    };
    if (type === 'gauge') {
      const gauge: Gauge = new Gauge({
        ...common,
        collect: () => {
          gauge.reset();
          each((series, value) => gauge.set(series, value));
        },
      });
      return;
    }
    const counter: Counter = new Counter({
      ...common,
      collect: () => {
        counter.reset();
        each((series, value) => counter.inc(series, value));
      },
    });
  }

  #common(name: string, help: string, labels: readonly string[]) {
    return {
      name: this.#prefix + name,
      help,
      labelNames: ['sidecar', ...this.labelNames, ...labels],
      registers: [this.#registry],
    };
  }

  #observe(measured: MeasuredSidecar, key: HistogramKey, own: Labels, value: number): void {
    const histogram = this.#histograms[key];
    const series = { ...measured.labels, ...own };
    histogram.observe(series, value);
    this.#series.get(measured)?.set(JSON.stringify([key, own]), () => histogram.remove(series));
  }
}
