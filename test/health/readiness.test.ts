import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { serverConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { type WatchedSidecar, watch } from '../support/watched-sidecar.js';

function readinessOf(watched: WatchedSidecar) {
  return watched.sidecar.actor.getSnapshot().context.readiness;
}

/** Liveness by the process alone, so that only readiness asks the server. */
const liveness = { type: 'process' } as const;

describe('the readiness check', () => {
  it('makes requests wait and go on, and never restarts', async () => {
    const watched = await watch(
      serverConfig({}, { healthCheck: { liveness, readiness: { path: '/health', interval: 100 } } }),
    ).run();
    const { pid, origin } = watched;
    await watched.next('ready');
    expect(readinessOf(watched)).toMatchObject({ isReady: true, last: { passed: true } });

    await watched.control('health=503');
    const { report } = await watched.next('not-ready');
    expect(report).toMatchObject({ check: `GET ${origin}/health`, error: 'it answered with status 503' });
    for (let checks = 0; checks < 10; checks += 1) await watched.next('readiness-checked');
    expect(readinessOf(watched)).toMatchObject({ isReady: false, passes: 0 });
    expect(watched.sidecar.status()).toMatchObject({ state: 'running', pid, trouble: null });

    await watched.control('health=ok');
    await watched.next('ready');
    expect(readinessOf(watched)).toMatchObject({ isReady: true });
    expect(watched.all('not-ready')).toHaveLength(1);
    expect(watched.all('process-death')).toEqual([]);
    expect(watched.pid).toBe(pid);
    await watched.stopsCleanly();
  });

  it('has thresholds of its own', async () => {
    const readiness = { path: '/health', interval: 50, failureThreshold: 3, successThreshold: 2 };
    const watched = await watch(serverConfig({}, { healthCheck: { liveness, readiness } })).run();
    await watched.next('ready');
    await watched.control('health=503');
    await watched.next('not-ready');
    expect(readinessOf(watched)).toMatchObject({ failures: 3 });
    await watched.control('health=ok');
    await watched.next('ready');
    expect(readinessOf(watched)).toMatchObject({ passes: 2 });
    await watched.stopsCleanly();
  });

  it('is not made before the sidecar is up', async () => {
    const watched = watch(
      serverConfig({ health: '503' }, { healthCheck: { readiness: { path: '/' } } }),
    ).start();
    for (let checks = 0; checks < 10; checks += 1) await watched.next('health-checked');
    expect(watched.all('readiness-checked')).toEqual([]);
    expect(readinessOf(watched)).toMatchObject({ isReady: false });
    await watched.stopsCleanly();
  });

  it('begins anew with each incarnation', async () => {
    const watched = await watch(
      serverConfig({}, { healthCheck: { readiness: { path: '/health', interval: 100 } } }),
    ).run();
    await watched.next('ready');
    process.kill(watched.pid, 'SIGKILL');
    await watched.entered('waitingHealthy');
    expect(readinessOf(watched).isReady).toBe(false);
    const { generation } = await watched.next('ready');
    expect(generation).toBe(2);
    await watched.stopsCleanly();
  });

  it('is there without one as soon as the sidecar is healthy', async () => {
    const watched = await watch(serverConfig()).run();
    expect(readinessOf(watched).isReady).toBe(true);
    await watched.stopsCleanly();
  });

  it('hears of a file at once', async () => {
    const cwd = await tempFolder();
    const readiness = { type: 'file' as const, path: 'ready', interval: 3_600_000 };
    const watched = await watch(
      serverConfig(
        {},
        {
          process: { cwd },
          // It would be looked for again in a quarter of an hour.
          healthCheck: { readiness, retryInterval: 900_000, interval: 900_000, degradedTimeout: 1_000_000 },
        },
      ),
    ).run();
    await watched.next('readiness-checked', ({ report }) => !report.passed);
    await writeFile(join(cwd, 'ready'), '');
    await watched.next('ready');
    await watched.stopsCleanly();
  });
});
