import { describe, expect, it } from 'vitest';
import { explainTransition } from '../../src/index.js';
import { serverConfig } from '../support/server-config.js';
import { watch } from '../support/watched-sidecar.js';

describe('a health endpoint', () => {
  it.each([
    ['hang', 'no answer within 400 ms', 400],
    ['drip', 'no answer within 400 ms', 400],
    ['503', 'it answered with status 503', 5000],
    ['redirect', 'it answered with status 302', 5000],
    ['reset', 'read ECONNRESET', 5000],
  ])('that answers with %s never makes a sidecar healthy', async (health, error, timeout) => {
    const watched = watch(serverConfig({ health }, { healthCheck: { timeout } })).start();
    // Before it is up, nobody listens.
    for (let times = 0; times < 3; times += 1) {
      await watched.next('health-checked', ({ report }) => !report.passed && report.error === error);
    }
    expect(watched.states()).toEqual(['compiling', 'spawning', 'waitingHealthy']);
    expect(watched.all('health-checked').some(({ report }) => report.passed)).toBe(false);
    expect(watched.all('healthy')).toEqual([]);
    await watched.stopsCleanly();
  });

  it('may send a body that never ends: only the status counts, and checks go on', async () => {
    const watched = await watch(serverConfig({ health: 'endless-body' })).run();
    for (let checks = 0; checks < 5; checks += 1) {
      const { report } = await watched.next('health-checked');
      expect(report.passed).toBe(true);
    }
    await watched.stopsCleanly();
  });

  it('may be another path, with a query', async () => {
    const watched = await watch(
      serverConfig({ health: '503' }, { healthCheck: { path: '/slow?ms=1' } }),
    ).run();
    const { report } = await watched.next('health-checked');
    expect(report.check).toBe(`GET ${watched.origin}/slow?ms=1`);
    await watched.stopsCleanly();
  });

  it.each([['hang'], ['drip'], ['reset'], ['503']])(
    'that turns to %s at run time makes it degraded, and recovers',
    async (health) => {
      const config = serverConfig(
        {},
        { healthCheck: { timeout: 1000, failureThreshold: 2, successThreshold: 2 } },
      );
      const watched = await watch(config).run();
      const { pid } = watched;
      await watched.control(`health=${health}`);

      const record = await watched.entered('degraded');
      expect(record.cause).toMatchObject({ type: 'unhealthy', failures: 2, threshold: 2 });
      expect(explainTransition(record)).toMatch(/^GET .*\/health failed 2 times in a row: /);
      expect(watched.all('unhealthy').map(({ cause }) => cause)).toEqual([record.cause]);
      expect(watched.sidecar.status()).toMatchObject({
        state: 'degraded',
        pid,
        trouble: { type: 'unhealthy' },
      });

      await watched.control('health=ok');
      await watched.next('recovered');
      expect(watched.sidecar.status()).toMatchObject({ state: 'running', pid, trouble: null });
      expect(watched.sidecar.status().health.passes).toBeGreaterThanOrEqual(2);
      expect(watched.all('process-death')).toEqual([]);
      await watched.stopsCleanly();
    },
  );

  it('that fails once, with failureThreshold 2, does not make it degraded', async () => {
    const config = serverConfig({}, { healthCheck: { failureThreshold: 1_000_000, interval: 50 } });
    const watched = await watch(config).run();
    await watched.control('health=503');
    await watched.next('health-checked', ({ report }) => !report.passed);
    await watched.next('health-checked', ({ report }) => !report.passed);
    await watched.control('health=ok');
    await watched.next('health-checked', ({ report }) => report.passed);
    expect(watched.sidecar.status()).toMatchObject({ state: 'running', health: { failures: 0 } });
    await watched.stopsCleanly();
  });

  it('that stays unhealthy gets the process replaced after degradedTimeout', async () => {
    const config = serverConfig({}, { healthCheck: { failureThreshold: 2, degradedTimeout: 300 } });
    const watched = await watch(config).run();
    const { pid } = watched;
    await watched.control('health=503');
    await watched.entered('degraded');
    const record = await watched.entered('restarting.terminating');
    expect(explainTransition(record)).toMatch(
      /^it did not recover within 300 ms; GET .* failed: it answered with status 503$/,
    );
    const { cause } = await watched.next('restart-scheduled');
    expect(cause).toMatchObject({ type: 'unhealthy' });
    await watched.next('healthy', ({ generation }) => generation === 2);
    expect(watched.pid).not.toBe(pid);
    expect(watched.sidecar.status().trouble).toBeNull();
    await watched.stopsCleanly();
  });

  it('that stays unhealthy leaves the process alone when autoRestart is off', async () => {
    const config = serverConfig(
      {},
      { process: { autoRestart: false }, healthCheck: { failureThreshold: 1, degradedTimeout: 50 } },
    );
    const watched = await watch(config).run();
    await watched.control('health=503');
    await watched.entered('degraded');
    for (let checks = 0; checks < 5; checks += 1) await watched.next('health-checked');
    expect(watched.sidecar.status().state).toBe('degraded');
    await watched.control('health=ok');
    await watched.next('recovered');
    await watched.stopsCleanly();
  });
});
