import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { serverConfig } from '../support/server-config.js';
import { watch } from '../support/watched-sidecar.js';

/** Blocks the event loop, as a long computation in the host would. */
function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

describe('the deadline of a health check', () => {
  it('does not count time in which the host was blocked before it could even connect', async () => {
    const config = serverConfig({}, { healthCheck: { timeout: 800, interval: 60_000, failureThreshold: 1 } });
    const watched = await watch(config).run();
    for (let times = 0; times < 3; times += 1) {
      watched.sidecar.actor.send({ type: 'health.requested' });
      block(1500);
      // Several turns of the event loop lie between here and the answer.
      const { report } = await watched.next('health-checked', ({ report: { latency } }) => latency > 800);
      expect(report).toMatchObject({ passed: true });
    }
    expect(watched.states()).not.toContain('degraded');
    await watched.stopsCleanly();
  });

  it('does not count time in which the host was blocked while the answer came', async () => {
    // A check takes 150 ms, and the next follows at once: one is always under way.
    const healthCheck = {
      path: '/slow?ms=150',
      timeout: 1000,
      interval: 1,
      retryInterval: 1,
      failureThreshold: 1,
    };
    const watched = await watch(serverConfig({}, { healthCheck })).run();
    await watched.next('health-checked');
    // Now the next check is on its way.
    await wait(40);
    block(2000);
    const { report } = await watched.next('health-checked', ({ report: { latency } }) => latency > 1000);
    expect(report).toMatchObject({ passed: true });
    expect(watched.states()).not.toContain('degraded');
    await watched.stopsCleanly();
  });

  it('is kept while the host is busy, but not blocked', async () => {
    const config = serverConfig({}, { healthCheck: { timeout: 600, failureThreshold: 1, interval: 50 } });
    const watched = await watch(config).run();
    let busy = true;
    const work = (async () => {
      while (busy) {
        block(20);
        await nextTurn();
      }
    })();
    await watched.control('health=hang');
    const { cause } = await watched.next('unhealthy');
    busy = false;
    await work;
    expect(cause).toMatchObject({ type: 'unhealthy', report: { error: 'no answer within 600 ms' } });
    await watched.stopsCleanly();
  });

  it('is kept after the host was blocked: a real hang is found as soon as it can be', async () => {
    const config = serverConfig({}, { healthCheck: { timeout: 600, failureThreshold: 1, interval: 50 } });
    const watched = await watch(config).run();
    process.kill(watched.pid, 'SIGSTOP');
    block(1500);
    const { cause } = await watched.next('unhealthy');
    expect(cause).toMatchObject({ report: { error: 'no answer within 600 ms' } });
    process.kill(watched.pid, 'SIGCONT');
    await watched.next('recovered');
    await watched.stopsCleanly();
  });
});
