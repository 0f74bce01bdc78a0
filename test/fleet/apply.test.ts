import { describe, expect, it } from 'vitest';
import { type FleetConfig, type FleetSidecarConfig, SidecarConfigError } from '../../src/index.js';
import { rejection } from '../support/outcome.js';
import { isAlive } from '../support/processes.js';
import { serverArgs, serverConfig } from '../support/server-config.js';
import { type WatchedFleet, watchFleet } from '../support/watched-fleet.js';
import { eventually } from '../support/within.js';

type Changes = Partial<FleetSidecarConfig>;

/** A fleet, and what makes further configurations of it, marked as its own. */
async function running(sidecars: Readonly<Record<string, Changes>>, settings: Partial<FleetConfig> = {}) {
  let env: Readonly<Record<string, string>> = {};
  const configOf = (all: Readonly<Record<string, Changes>>): FleetConfig => ({
    ...settings,
    sidecars: Object.fromEntries(
      Object.entries(all).map(([name, { process, ...changes }]) => {
        const { name: _, ...config } = serverConfig(
          {},
          { process: { ...process, env }, stateDirectory: null },
        );
        return [name, { ...config, ...changes }];
      }),
    ),
  });
  const watched = watchFleet<string>((mark) => {
    env = mark;
    return configOf(sidecars);
  });
  await watched.run();
  return { watched, fleet: watched.fleet, configOf };
}

function pids({ fleet }: WatchedFleet<string>): Record<string, number | null> {
  const { members } = fleet.status();
  return Object.fromEntries(members.map(({ name, status }) => [name, status.pid]));
}

const verbose = { process: { command: process.execPath, args: serverArgs({ body: 'changed' }) } };

describe('another configuration', () => {
  it('replaces only what differs, starts what is new, stops what is gone, and keeps the other processes', async () => {
    const { watched, fleet, configOf } = await running({
      db: {},
      api: { dependsOn: { db: 'healthy' }, instances: 2 },
      web: {},
    });
    const before = pids(watched);
    const client = fleet.client('api');
    const next = configOf({
      db: verbose,
      api: { dependsOn: { db: 'healthy' }, instances: 4 },
      log: {},
    });
    expect(fleet.compare(next).sidecars.map(({ name, effect }) => `${name} ${effect}`)).toEqual([
      'db restart',
      'api-1 none',
      'api-2 none',
      'api-3 start',
      'api-4 start',
      'log start',
      'web stop',
    ]);
    expect(pids(watched)).toEqual(before);

    await fleet.apply(next);
    const after = pids(watched);
    expect(Object.keys(after)).toEqual(['db', 'api-1', 'api-2', 'api-3', 'api-4', 'log']);
    expect([after['api-1'], after['api-2']]).toEqual([before['api-1'], before['api-2']]);
    expect(after['db']).not.toBe(before['db']);
    expect(await (await fleet.get('db').fetch('/health')).text()).toBe('changed');
    expect(isAlive(before['web'] ?? 0)).toBe(false);
    expect(fleet.status().state).toBe('running');
    expect([...fleet.sidecars.keys()]).toEqual(['db', 'api', 'log']);
    // A client that was made before spreads over those of now.
    const picked = Array.from({ length: 4 }, () => client.pick()?.status().pid);
    expect(new Set(picked).size).toBe(4);
    await fleet.stop();
    watched.leavesNothing();
  });

  it('that is wrong changes nothing, and says all that is wrong', async () => {
    const { watched, fleet, configOf } = await running({ db: {} });
    const before = pids(watched);
    const wrong = configOf({ db: { dependsOn: { nobody: 'healthy' } }, api: { instances: 0 } });
    const error = await rejection(fleet.apply(wrong));
    expect(error).toBeInstanceOf(SidecarConfigError);
    expect(error.message).toMatch(/instances[\s\S]*nobody/);
    expect(pids(watched)).toEqual(before);
    await fleet.apply(configOf({ db: {} }));
    expect(pids(watched)).toEqual(before);
    await fleet.stop();
  });

  it('of which something does not come up says so, and leaves the rest as it should be', async () => {
    const { watched, fleet, configOf } = await running({ db: {} });
    const before = pids(watched);
    const next = configOf({ db: {}, api: { process: { command: './missing' } } });
    const error = await rejection(fleet.apply(next));
    expect(error.message).toMatch(/"api" did not come up: .*missing does not exist/);
    expect(pids(watched)).toEqual({ ...before, api: null });
    expect(fleet.status().state).toBe('running');
    await fleet.apply(configOf({ db: {}, api: {} }));
    expect(fleet.get('api').status().state).toBe('running');
    await fleet.stop();
    watched.leavesNothing();
  });

  it('restarts along what the strategy says', async () => {
    const { watched, fleet, configOf } = await running({ db: {}, api: {} }, { strategy: 'rest-for-one' });
    const { api, db } = pids(watched);
    await fleet.apply(configOf({ db: {}, api: verbose }));
    expect(pids(watched)['db']).toBe(db);
    await fleet.apply(configOf({ db: verbose, api: verbose }));
    expect(pids(watched)['db']).not.toBe(db);
    expect(fleet.get('api').status()).toMatchObject({ state: 'running', generation: 2 });
    await eventually(() => !isAlive(api ?? 0), 'the end of the first process');
    await fleet.stop();
  });

  it('is refused while another one is on its way, and given up by a stop', async () => {
    const { watched, fleet, configOf } = await running({ db: {} });
    const next = configOf({
      db: { process: { command: process.execPath, args: serverArgs({ neverListen: true }) } },
    });
    const applied = rejection(fleet.apply(next));
    expect((await rejection(fleet.apply(next))).message).toContain('is being applied');
    await watched.next('adopted');
    await fleet.stop();
    expect((await applied).message).toContain('stopped meanwhile');
    watched.leavesNothing();
  });
});
