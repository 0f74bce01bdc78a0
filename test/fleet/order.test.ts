import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FleetStartError } from '../../src/index.js';
import { compilerConfig } from '../support/compiler-config.js';
import { outcome, rejection } from '../support/outcome.js';
import { serverConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
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

  it('whose sidecar can’t start stops what was started, and says with which and why', async () => {
    const watched = watchFleet((env) => {
      const server = (options = {}) => serverConfig(options, { process: { env } });
      const broken = serverConfig(
        { stderrThenExit: 'no database here' },
        { process: { env, autoRestart: false } },
      );
      return { sidecars: { db: server(), api: { ...broken, dependsOn: { db: 'healthy' } }, web: server() } };
    });
    const error = await rejection(watched.fleet.start(), () => watched.story());
    expect(error).toBeInstanceOf(FleetStartError);
    expect(error).toMatchObject({
      reason: { type: 'sidecar-failed', name: 'api', reason: 'exited' },
      tail: ['no database here'],
    });
    expect(error.message).toBe(
      'The fleet did not start: "api" can\'t be kept running: it ended by itself, and autoRestart is off: ' +
        `${error.message.split('off: ')[1]?.split('\n')[0]}\n  | no database here`,
    );
    expect(watched.fleet.status()).toMatchObject({ state: 'stopped', reason: { name: 'api' } });
    watched.leavesNothing();
  });

  it('is given up by a signal while it starts, or before', async () => {
    const watched = watchFleet((env) => ({
      sidecars: { db: serverConfig({ neverListen: true }, { process: { env } }) },
    }));
    const reason = new Error('enough');
    expect(await rejection(watched.fleet.start({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(watched.takeLife()).toEqual([]);
    const controller = new AbortController();
    const start = rejection(watched.fleet.start({ signal: controller.signal }));
    await watched.lived('db spawned');
    controller.abort(reason);
    expect(await start).toBe(reason);
    watched.leavesNothing();
  });

  it('gives each instance its own port, and compiles once for all of them', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'source'), 'main');
    const watched = await watchFleet((env) => {
      const {
        inputs: _in,
        outputs: _out,
        ...compile
      } = compilerConfig({
        input: join(folder, 'source'),
        output: join(folder, 'built'),
      });
      const server = serverConfig({}, { process: { env }, compile });
      return { sidecars: { api: { ...server, instances: 3 } } };
    }).run();
    const { fleet } = watched;
    const sidecars = fleet.sidecars.get('api') ?? [];
    const ports = sidecars.map(({ endpoint }) => (endpoint?.transport === 'http' ? endpoint.port : null));
    expect(new Set(ports).size).toBe(3);
    expect(sidecars.map(({ config }) => config.compile === undefined)).toEqual([false, true, true]);
    expect(watched.life[0]).toBe('api-1 spawned');
    expect(fleet.get('api', 3)).toBe(sidecars[2]);
    expect(() => fleet.get('api', 4)).toThrow('This fleet has no instance 4 of "api".');
    expect(fleet.status().members.map(({ name, phase }) => [name, phase])).toEqual([
      ['api-1', 'up'],
      ['api-2', 'up'],
      ['api-3', 'up'],
    ]);
  });

  it('may be started, stopped and started again, also at the same time', async () => {
    const watched = watchFleet((env) => ({ sidecars: { db: serverConfig({}, { process: { env } }) } }));
    const { fleet } = watched;
    expect(await outcome(fleet.stop())).toBe('done');
    expect(await Promise.all([1, 2].map(() => outcome(fleet.start())))).toEqual(['done', 'done']);
    const stop = outcome(fleet.stop());
    expect(await outcome(fleet.start())).toBe('done');
    expect(await stop).toBe('done');
    expect(fleet.status()).toMatchObject({ state: 'running', reason: null });
    expect(await outcome(fleet.start())).toBe('done');
    await fleet.stop();
    expect(fleet.status()).toMatchObject({ state: 'stopped', reason: { type: 'requested' } });
    watched.leavesNothing();
  });

  it('is stopped at the end of its scope, and then can’t be started', async () => {
    const watched = watchFleet((env) => ({ sidecars: { db: serverConfig({}, { process: { env } }) } }));
    {
      await using fleet = watched.fleet;
      await fleet.start();
    }
    watched.leavesNothing();
    expect((await rejection(watched.fleet.start())).message).toContain('was given up');
    expect(await outcome(watched.fleet.stop())).toBe('done');
  });

  it('goes on without a sidecar that somebody disposes of', async () => {
    const watched = await watchFleet((env) => {
      const server = serverConfig({}, { process: { env } });
      return { sidecars: { db: server, api: server } };
    }).run();
    await watched.fleet.get('db')[Symbol.asyncDispose]();
    expect(watched.fleet.status().members.map(({ phase }) => phase)).toEqual(['down', 'up']);
    await watched.fleet.stop();
    // And starts without it.
    expect(await outcome(watched.fleet.start())).toBe('done');
    expect(watched.fleet.status().members.map(({ phase }) => phase)).toEqual(['down', 'up']);
  });
});
