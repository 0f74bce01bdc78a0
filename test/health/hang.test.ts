import { describe, expect, it } from 'vitest';
import { explainTransition } from '../../src/index.js';
import { isAlive } from '../support/processes.js';
import { serverConfig } from '../support/server-config.js';
import { watch } from '../support/watched-sidecar.js';

describe('a process that hangs (SIGSTOP)', () => {
  it('is degraded, ended although it is stopped, and replaced', async () => {
    const config = serverConfig(
      {},
      { healthCheck: { timeout: 500, failureThreshold: 2, degradedTimeout: 400 } },
    );
    const watched = await watch(config).run();
    const { pid } = watched;
    process.kill(pid, 'SIGSTOP');

    const degraded = await watched.entered('degraded');
    expect(explainTransition(degraded)).toMatch(/failed 2 times in a row: no answer within 500 ms$/);
    await watched.entered('restarting.terminating');
    const { cause } = await watched.next('restart-scheduled');
    expect(cause).toMatchObject({ type: 'unhealthy', failures: 2 });
    expect(isAlive(pid)).toBe(false);
    // It was continued, so that SIGTERM was enough.
    expect(watched.states()).not.toContain('restarting.killing');
    await watched.next('healthy', ({ generation }) => generation === 2);
    expect(watched.pid).not.toBe(pid);
    await watched.stopsCleanly();
  });

  it('recovers when it is continued in time', async () => {
    const watched = await watch(
      serverConfig({}, { healthCheck: { timeout: 1000, failureThreshold: 1 } }),
    ).run();
    const { pid } = watched;
    process.kill(pid, 'SIGSTOP');
    await watched.entered('degraded');
    process.kill(pid, 'SIGCONT');
    await watched.next('recovered');
    expect(watched.pid).toBe(pid);
    await watched.stopsCleanly();
  });

  it('is killed when it ignores SIGTERM, too', async () => {
    const config = serverConfig(
      { ignoreTerm: true },
      {
        process: { stopTimeout: 200 },
        healthCheck: { timeout: 300, failureThreshold: 1, degradedTimeout: 100 },
      },
    );
    const watched = await watch(config).run();
    const { pid } = watched;
    process.kill(pid, 'SIGSTOP');
    await watched.entered('restarting.killing');
    await watched.next('healthy', ({ generation }) => generation === 2);
    expect(isAlive(pid)).toBe(false);
    await watched.stopsCleanly();
  });

  it('answers isHealthy() with false, in time', async () => {
    const config = serverConfig(
      {},
      { healthCheck: { timeout: 1500, failureThreshold: 1_000, interval: 60_000, cacheFor: 0 } },
    );
    const watched = await watch(config).run();
    expect(await watched.sidecar.isHealthy()).toBe(true);
    process.kill(watched.pid, 'SIGSTOP');
    expect(await watched.sidecar.isHealthy()).toBe(false);
    process.kill(watched.pid, 'SIGCONT');
    expect(await watched.sidecar.isHealthy()).toBe(true);
    await watched.stopsCleanly();
  });
});
