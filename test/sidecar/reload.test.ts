import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SidecarReloadError, SidecarStartError } from '../../src/index.js';
import { compilerConfig } from '../support/compiler-config.js';
import { outcome, rejection } from '../support/outcome.js';
import { type ServerOptions, serverConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { type WatchedSidecar, watch } from '../support/watched-sidecar.js';
import { pidThatAnswers } from './answers.js';

interface Built {
  readonly watched: WatchedSidecar;
  /** Makes the next compilation fail. */
  breakSource(): Promise<void>;
  mendSource(): Promise<void>;
}

/** A sidecar whose compiler copies `source` to `built`; without a source it fails. It is not started. */
async function build(
  server: ServerOptions = {},
  sections: Parameters<typeof serverConfig>[1] = {},
): Promise<Built> {
  const folder = await tempFolder();
  const source = join(folder, 'source');
  const compile = compilerConfig({ sleep: 50, input: source, output: join(folder, 'built') });
  const mendSource = () => writeFile(source, 'main');
  await mendSource();
  return {
    watched: watch(serverConfig(server, { ...sections, compile })),
    breakSource: () => rm(source),
    mendSource,
  };
}

describe('reload()', () => {
  it('compiles while the old process serves, and then replaces it', async () => {
    const { watched } = await build();
    await watched.run();
    const { pid, origin } = watched;
    const reload = outcome(watched.sidecar.reload());
    await watched.entered('restarting.recompiling');
    expect(await pidThatAnswers(origin)).toBe(pid);
    expect(await reload).toBe('done');
    expect(watched.sidecar.status()).toMatchObject({ state: 'running', generation: 2 });
    expect(await pidThatAnswers(watched.origin)).not.toBe(pid);
  });

  it('without a compile step replaces the process', async () => {
    const watched = await watch(serverConfig()).run();
    expect(await outcome(watched.sidecar.reload())).toBe('done');
    expect(watched.sidecar.status()).toMatchObject({ state: 'running', generation: 2 });
  });

  it('whose compilation fails rejects with what the compiler said, and the old process serves on', async () => {
    const { watched, breakSource, mendSource } = await build();
    await watched.run();
    const { pid, origin } = watched;
    await breakSource();
    const error = await rejection(watched.sidecar.reload());
    expect(error).toBeInstanceOf(SidecarReloadError);
    expect(error).toMatchObject({ name: 'SidecarReloadError', failure: { kind: 'failed', exitCode: 1 } });
    expect(error.message).toContain('was not reloaded');
    expect(error.message).toContain('| compiler.mjs: ENOENT');
    expect(watched.sidecar.status()).toMatchObject({ state: 'running', generation: 1, pid });
    expect(await pidThatAnswers(origin)).toBe(pid);
    expect(await watched.sidecar.isHealthy()).toBe(true);

    await mendSource();
    expect(await outcome(watched.sidecar.reload())).toBe('done');
    expect(watched.sidecar.status().generation).toBe(2);
  });

  it('whose compilation fails while it still starts says that it is stopped', async () => {
    const { watched, breakSource } = await build({ listenAfter: 5000 });
    const start = rejection(watched.sidecar.start());
    await watched.entered('waitingHealthy');
    await breakSource();
    const error = await rejection(watched.sidecar.reload());
    expect(error).toBeInstanceOf(SidecarStartError);
    expect(error).toMatchObject({ reason: 'compile-failed' });
    expect(await start).toMatchObject({ reason: 'compile-failed' });
  });

  it('whose compilation fails in degraded leaves it degraded', async () => {
    const { watched, breakSource } = await build({}, { healthCheck: { failureThreshold: 1 } });
    await watched.run();
    await watched.control('health=503');
    await watched.entered('degraded');
    await breakSource();
    expect(await rejection(watched.sidecar.reload())).toBeInstanceOf(SidecarReloadError);
    expect(watched.sidecar.status()).toMatchObject({ state: 'degraded', generation: 1 });
  });

  it('called several times at once replaces the process once, and all calls resolve', async () => {
    const { watched } = await build();
    await watched.run();
    const calls = [1, 2, 3].map(() => outcome(watched.sidecar.reload()));
    expect(await Promise.all(calls)).toEqual(['done', 'done', 'done']);
    expect(watched.all('spawned')).toHaveLength(2);
    expect(watched.processes()).toHaveLength(1);
  });

  it('called several times at once in vain rejects all calls', async () => {
    const { watched, breakSource } = await build();
    await watched.run();
    await breakSource();
    const errors = await Promise.all([1, 2].map(() => rejection(watched.sidecar.reload())));
    for (const error of errors) expect(error).toBeInstanceOf(SidecarReloadError);
    expect(watched.sidecar.status()).toMatchObject({ state: 'running', generation: 1 });
  });

  it('while the old process ends for another reload compiles again, and both resolve', async () => {
    const { watched } = await build({ termDelay: 100 });
    await watched.run();
    const first = outcome(watched.sidecar.reload());
    await watched.entered('restarting.terminating');
    expect(await outcome(watched.sidecar.reload())).toBe('done');
    expect(await first).toBe('done');
    expect(watched.processes()).toHaveLength(1);
  });

  it.each([
    ['compiling', {}],
    ['waitingHealthy', { listenAfter: 200 }],
  ] as const)('in %s is a restart: there is nothing yet to serve on', async (state, server) => {
    const { watched } = await build(server);
    watched.start();
    await watched.entered(state);
    expect(await outcome(watched.sidecar.reload())).toBe('done');
    expect(await watched.started).toBe('running');
    expect(watched.processes()).toHaveLength(1);
  });

  it('while it waits to restart compiles and starts at once', async () => {
    const { watched } = await build({}, { process: { restartDelay: 60_000 } });
    await watched.run();
    process.kill(watched.pid, 'SIGKILL');
    await watched.entered('restarting.backingOff');
    expect(await outcome(watched.sidecar.reload())).toBe('done');
    expect(watched.sidecar.status().generation).toBe(2);
  });

  it('before the first start rejects: there is nothing to reload', async () => {
    const { sidecar, events } = watch(serverConfig({}, { name: 'api' }));
    const error = await rejection(sidecar.reload());
    expect(error).toMatchObject({ name: 'SidecarError', message: expect.stringContaining('use start()') });
    expect(events).toEqual([]);
  });

  it('in stopping and in stopped rejects, and does not start it again', async () => {
    const watched = await watch(serverConfig({ termDelay: 100 })).run();
    const stop = outcome(watched.sidecar.stop());
    await watched.entered('stopping.terminating');
    expect(await rejection(watched.sidecar.reload())).toMatchObject({ name: 'SidecarError' });
    expect(await stop).toBe('done');
    expect(await rejection(watched.sidecar.reload())).toMatchObject({ name: 'SidecarError' });
    expect(watched.sidecar.status()).toMatchObject({ state: 'stopped', generation: 1 });
  });

  it('that is stopped rejects with the reason "requested"', async () => {
    const { watched } = await build();
    await watched.run();
    const reload = rejection(watched.sidecar.reload());
    await watched.entered('restarting.recompiling');
    await watched.stopsCleanly();
    expect(await reload).toMatchObject({ name: 'SidecarStartError', reason: 'requested' });
  });

  it('goes on when the old process dies while it compiles', async () => {
    const { watched } = await build();
    await watched.run();
    const reload = outcome(watched.sidecar.reload());
    await watched.entered('restarting.recompiling');
    process.kill(watched.pid, 'SIGKILL');
    expect(await reload).toBe('done');
    expect(watched.sidecar.status()).toMatchObject({ state: 'running', generation: 2 });
  });

  it('that fails while the old process dies rejects, and the sidecar is restarted', async () => {
    const { watched, breakSource } = await build();
    await watched.run();
    await breakSource();
    const reload = rejection(watched.sidecar.reload());
    await watched.entered('restarting.recompiling');
    process.kill(watched.pid, 'SIGKILL');
    expect(await reload).toBeInstanceOf(SidecarReloadError);
    await watched.entered('running');
    expect(watched.sidecar.status()).toMatchObject({ generation: 2, restarts: { used: 1 } });
  });
});
