import { describe, expect, it } from 'vitest';
import { ControlError, ServiceControl } from '../../src/control.js';
import { createFleet, createSidecar, type Fleet } from '../../src/index.js';
import { rejection } from '../support/outcome.js';
import { serverConfig } from '../support/server-config.js';
import { eventually } from '../support/within.js';
import { type Served, serve } from './served.js';

function fleetOf(instances: number): Fleet {
  const server = { ...serverConfig({}, { process: { restartDelay: 0 } }), stateDirectory: null };
  return createFleet({
    strategy: 'rest-for-one',
    intensity: 1,
    sidecars: { db: server, api: { ...server, dependsOn: { db: 'healthy' }, instances } },
  });
}

function controlOf({ service: { config } }: Served): ServiceControl {
  return new ServiceControl({ config: config ?? '' });
}

describe('the fleet of a service', () => {
  it('rolls all instances of a sidecar, and nothing else', async () => {
    const fleet = fleetOf(3);
    const served = await serve(fleet);
    await fleet.start();
    const sidecars = fleet.sidecars.get('api') ?? [];
    let fewest = sidecars.length;
    for (const sidecar of sidecars) {
      sidecar.on('*', () => {
        fewest = Math.min(fewest, sidecars.filter(({ isReady }) => isReady).length);
      });
    }
    const control = controlOf(served);
    await control.rollingRestart('api');
    const { sidecars: after } = await control.status();
    expect(after.map(({ name, generation }) => [name, generation])).toEqual([
      ['db', 1],
      ['api-1', 2],
      ['api-2', 2],
      ['api-3', 2],
    ]);
    expect(fewest).toBe(2);
    const told = (await control.fleetHistory()).map(({ explanation }) => explanation);
    expect(told.slice(-4)).toEqual([
      '"api-1" was replaced',
      '"api-2" was replaced',
      '"api-3" was replaced',
      'the rollout of "api" is done',
    ]);
    expect(await control.metrics()).toContain('sidecar_fleet_state{state="running"} 1');
    await control.rollingRestart('api', { keepServing: 0, how: 'reload' });
    expect((await control.status()).sidecars.map(({ generation }) => generation)).toEqual([1, 3, 3, 3]);
    expect(await control.metrics()).toContain('sidecar_fleet_rollouts_total{sidecar="api",outcome="done"} 1');
  });

  it('says what can not be rolled', async () => {
    const fleet = fleetOf(2);
    const served = await serve(fleet);
    const control = controlOf(served);
    const refusal = async (...asked: Parameters<ServiceControl['rollingRestart']>) => {
      const error = await rejection(control.rollingRestart(...asked));
      if (!(error instanceof ControlError)) throw error;
      return [error.status, error.message];
    };
    expect(await refusal('api')).toEqual([409, 'The fleet is stopped: it has to run for a rollout.']);
    expect(await refusal('api-1')).toEqual([404, 'there is no sidecar "api-1"; there are: db, api']);
    expect(await refusal('api', { keepServing: 2 })).toEqual([
      400,
      'keepServing must be 0 to 1 for 2 of "api"',
    ]);
    expect(served.faults).toEqual([]);
  });

  it('is none for a single sidecar', async () => {
    const served = await serve(createSidecar({ ...serverConfig(), name: 'api', stateDirectory: null }));
    const control = controlOf(served);
    expect(await control.fleetHistory()).toEqual([]);
    const error = await rejection(control.rollingRestart('api'));
    expect(error.message).toMatch(/^There is no fleet: /);
    expect(await control.metrics()).not.toContain('sidecar_fleet_');
  });

  it('counts restarts by the strategy, and the escalation when there are too many', async () => {
    const fleet = fleetOf(1);
    const served = await serve(fleet);
    await fleet.start();
    const control = controlOf(served);
    // From when they are first asked for.
    await control.metrics();
    const [db] = fleet.sidecars.get('db') ?? [];
    const crash = () => process.kill(db?.status().pid ?? Number.NaN, 'SIGKILL');
    const hasState = (state: string) => () => fleet.status().state === state;
    const restarted = new Promise<void>((resolve) => {
      fleet.on('restart', () => resolve());
    });
    crash();
    await restarted;
    await eventually(hasState('running'), 'the fleet to run again');
    const metrics = await control.metrics();
    expect(metrics).toContain('sidecar_fleet_restarts_total{sidecar="db"} 1');
    expect(metrics).toContain('sidecar_fleet_restarted_total{sidecar="api"} 1');
    expect(metrics).toContain('sidecar_fleet_restarts_in_period 1');
    expect(metrics).toContain('sidecar_fleet_restarts_in_period_limit 1');
    crash();
    await eventually(hasState('stopped'), 'the end of the fleet');
    expect(await control.metrics()).toContain('sidecar_fleet_stops_total{reason="intensity-exceeded"} 1');
    const told = (await control.fleetHistory()).map(({ explanation }) => explanation);
    expect(told).toContainEqual(
      expect.stringMatching(/^"db" is restarted, which takes along: api: .*SIGKILL/),
    );
    expect(told.at(-1)).toMatch(/^the fleet is stopped: more than 1 restarts in /);
  });
});
