import { describe, expect, it } from 'vitest';
import { serverConfig } from '../support/server-config.js';
import { watchFleet } from '../support/watched-fleet.js';

describe('a fleet', () => {
  it('starts in the order of the dependencies, and stops in reverse', async () => {
    const watched = watchFleet((env) => {
      const server = (options = {}) => serverConfig(options, { process: { env } });
      return {
        sidecars: {
          web: { ...server(), dependsOn: { api: 'started' } },
          api: { ...server({ listenAfter: 100 }), dependsOn: { db: 'healthy' } },
          db: server({ listenAfter: 100 }),
        },
      };
    });
    await watched.run();
    expect(watched.takeLife()).toEqual([
      'db spawned',
      'db healthy',
      'api spawned',
      expect.stringMatching(/^(web spawned|api healthy)$/),
      expect.any(String),
      expect.any(String),
    ]);
    await watched.fleet.stop();
    expect(watched.takeLife()).toEqual(['web stopped', 'api stopped', 'db stopped']);
    watched.leavesNothing();
  });
});
