/** What it takes to start and to stop 200 real processes in one fleet, beside 200 sidecars without one. */
import type { Fleet, FleetConfig, FleetSidecarConfig, Sidecar } from 'sidecar-machine';
import { createFleet, createSidecar } from './built.js';
import { buildGoChild } from './child/command.js';
import { medianRatio, summarize } from './statistics.js';

const COUNT = 200;
/** Each depends on all of the one before. */
const LAYERS = 10;
const RUNS = 5;

const { command, args } = buildGoChild();
const one: FleetSidecarConfig = {
  http: { host: '127.0.0.1', port: 0 },
  process: { command, args: [...args] },
  resources: { maxCPUPercent: null },
};

interface Times {
  readonly start: number[];
  readonly stop: number[];
}

/** The same without a fleet: all at once. */
class Loose {
  readonly #sidecars: readonly Sidecar[] = Array.from({ length: COUNT }, () => createSidecar(one));

  async start(): Promise<void> {
    await Promise.all(this.#sidecars.map((sidecar) => sidecar.start()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#sidecars.map((sidecar) => sidecar.stop()));
  }
}

const alone: Times = { start: [], stop: [] };
const together: Times = { start: [], stop: [] };
const layered: Times = { start: [], stop: [] };
const instances: Times = { start: [], stop: [] };

for (let run = 0; run < RUNS; run += 1) {
  await measure(alone, new Loose());
  await measure(together, createFleet(fleetOf(() => ({}))));
  await measure(layered, createFleet(fleetOf(layerBefore)));
  await measure(instances, createFleet({ sidecars: { one: { ...one, instances: COUNT } } }));
}
print(`${COUNT} sidecars without a fleet`, alone);
print(`a fleet of ${COUNT}`, together);
print(`a fleet of ${COUNT} in ${LAYERS} layers`, layered);
print(`a fleet of one with ${COUNT} instances`, instances);
process.exit(0);

function fleetOf(dependsOn: (index: number) => Record<string, 'healthy'>): FleetConfig {
  const names = Array.from({ length: COUNT }, (_, index) => index);
  return {
    sidecars: Object.fromEntries(
      names.map((index) => [`s${index}`, { ...one, dependsOn: dependsOn(index) }]),
    ),
  };
}

function layerBefore(index: number): Record<string, 'healthy'> {
  const size = COUNT / LAYERS;
  const begin = (Math.floor(index / size) - 1) * size;
  if (begin < 0) return {};
  return Object.fromEntries(Array.from({ length: size }, (_, each) => [`s${begin + each}`, 'healthy']));
}

async function measure({ start, stop }: Times, all: Pick<Fleet, 'start' | 'stop'>): Promise<void> {
  start.push(await timed(() => all.start()));
  stop.push(await timed(() => all.stop()));
}

async function timed(act: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await act();
  return performance.now() - startedAt;
}

function print(title: string, times: Times): void {
  for (const what of ['start', 'stop'] as const) {
    const { min, median, max } = summarize(times[what]);
    const ratio = medianRatio(times[what], alone[what]).toFixed(2);
    const range = `${min.toFixed(0)} – ${max.toFixed(0)}`;
    console.log(
      `${title}: ${what} ${median.toFixed(0)} ms (${range}), ratio ${ratio} (median of ${RUNS} pairs)`,
    );
  }
}
