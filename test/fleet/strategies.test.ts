import { describe, expect, it } from 'vitest';
import type { FleetConfig } from '../../src/index.js';
import { serverConfig } from '../support/server-config.js';
import { type WatchedFleet, watchFleet } from '../support/watched-fleet.js';

type Name = 'db' | 'api' | 'web';

/** db ← api, and web after both. */
function three(settings: Omit<FleetConfig, 'sidecars'>): WatchedFleet<Name> {
  return watchFleet((env) => {
    const server = serverConfig({}, { process: { env, restartDelay: 0 } });
    return {
      ...settings,
      sidecars: {
        db: server,
        api: { ...server, dependsOn: { db: 'healthy' } },
        web: { ...server, dependsOn: { api: 'healthy' } },
      },
    };
  });
}

const restarted: Readonly<Record<string, readonly string[]>> = {
  'one-for-one': ['api lost', 'api spawned', 'api healthy'],
  'rest-for-one': [
    'api lost',
    'api stopped',
    'web stopped',
    'api spawned',
    'api healthy',
    'web spawned',
    'web healthy',
  ],
  'one-for-all': [
    'api lost',
    'api stopped',
    'web stopped',
    'db stopped',
    'db spawned',
    'db healthy',
    'api spawned',
    'api healthy',
    'web spawned',
    'web healthy',
  ],
};

describe.each(['one-for-one', 'rest-for-one', 'one-for-all'] as const)('%s', (strategy) => {
  it('restarts after a crash exactly what it says, in order', async () => {
    const watched = await three({ strategy }).run();
    const before = watched.fleet.status().members;
    watched.takeLife();
    watched.crash('api');
    await watched.next('state', ({ state }) => state === 'running');
    expect(watched.takeLife()).toEqual(restarted[strategy]);
    const after = watched.fleet.status();
    const isSame = after.members.map(({ status }, index) => status.pid === before[index]?.status.pid);
    expect(isSame).toEqual(
      {
        'one-for-one': [true, false, true],
        'rest-for-one': [true, false, false],
        'one-for-all': [false, false, false],
      }[strategy],
    );
    expect(after).toMatchObject({ state: 'running', restarts: { used: 1, max: 10, window: 60_000 } });
    await watched.fleet.stop();
    watched.leavesNothing();
  });
});

describe('escalation', () => {
  it('stops all of it once there were too many restarts', async () => {
    const watched = await three({ strategy: 'rest-for-one', intensity: 1 }).run();
    watched.crash('api');
    await watched.next('state', ({ state }) => state === 'running');
    watched.crash('web');
    const { reason } = await watched.next('stopped');
    expect(reason).toMatchObject({
      type: 'intensity-exceeded',
      name: 'web',
      cause: { type: 'exited', exit: { signal: 'SIGKILL' } },
      intensity: 1,
    });
    expect(watched.fleet.status().members.map(({ status }) => status.state)).toEqual(
      Array(3).fill('stopped'),
    );
    watched.leavesNothing();
  });
});
