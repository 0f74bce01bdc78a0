import { describe, expect, it } from 'vitest';
import { ServiceControl } from '../../src/control.js';
import type { FleetConfig, FleetSidecarConfig } from '../../src/index.js';
import { type WatchedFleet, watchFleet } from '../support/watched-fleet.js';
import { serve } from './served.js';

const LAYERS = 10;
const WIDTH = 20;
const COUNT = LAYERS * WIDTH;
/** The one that crashes: in the middle of the order in which they start. */
const CRASHED = COUNT / 2;

const NAMES = Array.from({ length: COUNT }, (_, index) => `s${index}`);

/** Each sidecar needs all of the layer before. */
function layered(strategy: NonNullable<FleetConfig['strategy']>): WatchedFleet<string> {
  return watchFleet((env) => ({
    strategy,
    sidecars: Object.fromEntries(NAMES.map((name, index) => [name, sidecarOf(index, env)])),
  }));
}

function sidecarOf(index: number, env: Readonly<Record<string, string>>): FleetSidecarConfig {
  const before = NAMES.slice(0, index - (index % WIDTH)).slice(-WIDTH);
  return {
    http: { port: 0 },
    process: { command: 'sleep', args: ['1000'], restartDelay: 0, env },
    healthCheck: { liveness: { type: 'process' } },
    stateDirectory: null,
    dependsOn: Object.fromEntries(before.map((name) => [name, 'healthy'])),
  };
}

function layerOf(name: string): number {
  return Math.floor(Number(name.slice(1)) / WIDTH);
}

/** When, in the order of `life`, the first and the last of each layer did something. */
function turns(life: readonly string[], what: string) {
  return Array.from({ length: LAYERS }, (_, layer) => {
    const at = life.flatMap((entry, index) => {
      const [name = '', done] = entry.split(' ');
      return done === what && layerOf(name) === layer ? [index] : [];
    });
    return { count: at.length, first: Math.min(...at), last: Math.max(...at) };
  });
}

/** No layer from `from` on begins before the one before is healthy. */
function startedInLayers(life: readonly string[], from = 0): boolean {
  const healthy = turns(life, 'healthy');
  return turns(life, 'spawned').every(
    ({ first }, layer) => layer <= from || (healthy[layer - 1]?.last ?? Number.NaN) < first,
  );
}

/** No layer from `from` on ends before all of the one after have. */
function stoppedInReverse(life: readonly string[], from = 0): boolean {
  const stopped = turns(life, 'stopped');
  return stopped.every(
    ({ first }, layer) =>
      layer < from || layer === LAYERS - 1 || first > (stopped[layer + 1]?.last ?? Number.NaN),
  );
}

describe.each([
  ['one-for-one', { from: CRASHED, to: CRASHED + 1 }],
  ['rest-for-one', { from: CRASHED, to: COUNT }],
  ['one-for-all', { from: 0, to: COUNT }],
] as const)('200 processes in one service, %s', (strategy, replaced) => {
  it('start and stop in the order of their dependencies, and a crash replaces what it should', async () => {
    const watched = layered(strategy);
    const { fleet } = watched;
    const { service } = await serve(fleet);
    const ended = service.run();
    await watched.next('state', ({ state }) => state === 'running');
    const pids = () => fleet.status().members.map(({ status }) => status.pid);
    const before = pids();
    expect(new Set(before).size).toBe(COUNT);
    expect(watched.processes()).toHaveLength(COUNT);
    expect(startedInLayers(watched.takeLife())).toBe(true);

    watched.crash(`s${CRASHED}`);
    await watched.next('restart');
    await watched.next('state', ({ state }) => state === 'running');
    const after = pids();
    const changed = NAMES.filter((_, index) => before[index] !== after[index]);
    expect(changed).toEqual(NAMES.slice(replaced.from, replaced.to));
    expect(watched.processes()).toHaveLength(COUNT);
    const life = watched.takeLife();
    if (strategy !== 'one-for-one') {
      const from = Math.floor(replaced.from / WIDTH);
      expect(startedInLayers(life, from)).toBe(true);
      // The one that has crashed is down before all others.
      expect(
        stoppedInReverse(
          life.filter((entry) => entry !== `s${CRASHED} stopped`),
          from,
        ),
      ).toBe(true);
    }

    const control = new ServiceControl({ config: service.config ?? '' });
    expect((await control.status()).sidecars.filter(({ state }) => state === 'running')).toHaveLength(COUNT);
    // All of them by their names, as a command that is given them asks.
    (await control.events({ sidecars: NAMES })).close();
    await control.stopService();
    expect(await ended).toBe('as-asked');
    const ending = watched.takeLife();
    expect(ending).toHaveLength(COUNT);
    expect(stoppedInReverse(ending)).toBe(true);
    watched.leavesNothing();
  });
});
