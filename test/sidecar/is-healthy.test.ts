import { describe, expect, it } from 'vitest';
import { compilerConfig } from '../support/compiler-config.js';
import { serverConfig } from '../support/server-config.js';
import { type WatchedSidecar, watch } from '../support/watched-sidecar.js';
import { within } from '../support/within.js';

/** Checks are made when they are asked for, and not in between. */
const onDemand = {
  interval: 600_000,
  retryInterval: 600_000,
  degradedTimeout: 600_000,
  failureThreshold: 10,
  cacheFor: 0,
};
const cached = { ...onDemand, cacheFor: 600_000 };

function isHealthy(watched: WatchedSidecar): Promise<boolean> {
  return within(watched.sidecar.isHealthy(), () => `isHealthy()\n${watched.story()}`);
}

describe('isHealthy() with a fresh report', () => {
  it('answers from it, without another check', async () => {
    const watched = await watch(serverConfig({}, { healthCheck: cached })).run();
    await watched.control('health=503');
    const before = watched.all('health-checked').length;
    expect(await isHealthy(watched)).toBe(true);
    expect(watched.all('health-checked')).toHaveLength(before);
  });

  it('answers from a failed one, too', async () => {
    const watched = await watch(
      serverConfig({}, { healthCheck: { ...cached, interval: 50, retryInterval: 50 } }),
    ).run();
    await watched.control('health=503');
    await watched.next('health-checked', ({ report }) => !report.passed);
    expect(await isHealthy(watched)).toBe(false);
  });
});

describe('isHealthy() with a stale report', () => {
  it('makes a check now', async () => {
    const watched = await watch(serverConfig({}, { healthCheck: onDemand })).run();
    const before = watched.all('health-checked').length;
    expect(await isHealthy(watched)).toBe(true);
    await watched.control('health=503');
    expect(await isHealthy(watched)).toBe(false);
    await watched.control('health=ok');
    expect(await isHealthy(watched)).toBe(true);
    expect(watched.all('health-checked')).toHaveLength(before + 3);
  });

  it('called several times at once makes one check for all', async () => {
    const watched = await watch(serverConfig({}, { healthCheck: onDemand })).run();
    const before = watched.all('health-checked').length;
    expect(await Promise.all([1, 2, 3].map(() => isHealthy(watched)))).toEqual([true, true, true]);
    expect(watched.all('health-checked')).toHaveLength(before + 1);
  });

  it('takes no longer than the deadline of a check', async () => {
    const watched = await watch(serverConfig({}, { healthCheck: { ...onDemand, timeout: 200 } })).run();
    await watched.control('health=hang');
    expect(await isHealthy(watched)).toBe(false);
    expect(watched.all('health-checked').at(-1)?.report).toMatchObject({
      passed: false,
      error: 'no answer within 200 ms',
    });
  });

  it('is false at once when the process dies during the check', async () => {
    const watched = await watch(
      serverConfig({}, { healthCheck: { ...onDemand, timeout: 20_000 }, process: { restartDelay: 600 } }),
    ).run();
    await watched.control('health=hang');
    const asked = isHealthy(watched);
    process.kill(watched.pid, 'SIGKILL');
    expect(await asked).toBe(false);
  });

  it('is false when it is stopped during the check', async () => {
    const watched = await watch(serverConfig({}, { healthCheck: onDemand })).run();
    await watched.control('health=hang');
    const asked = isHealthy(watched);
    await watched.stopsCleanly();
    expect(await asked).toBe(false);
  });

  it('is false when the actor is stopped during the check', async () => {
    const watched = await watch(serverConfig({}, { healthCheck: onDemand })).run();
    await watched.control('health=hang');
    const asked = isHealthy(watched);
    watched.sidecar.actor.stop();
    expect(await asked).toBe(false);
  });

  it('counts like every other check: enough failures degrade the sidecar', async () => {
    const watched = await watch(
      serverConfig({}, { healthCheck: { ...onDemand, failureThreshold: 2 } }),
    ).run();
    await watched.control('health=503');
    expect([await isHealthy(watched), await isHealthy(watched)]).toEqual([false, false]);
    expect(watched.sidecar.status().state).toBe('degraded');
    await watched.control('health=ok');
    expect(await isHealthy(watched)).toBe(true);
    expect(watched.sidecar.status().state).toBe('running');
  });
});

describe('isHealthy() in a state in which it does not serve', () => {
  it('is false before the first start, and starts nothing', async () => {
    const watched = watch(serverConfig());
    expect(await isHealthy(watched)).toBe(false);
    expect(watched.events).toEqual([]);
  });

  it('is false while it starts', async () => {
    const watched = watch(serverConfig({ neverListen: true }, { compile: compilerConfig() })).start();
    await watched.entered('compiling');
    expect(await isHealthy(watched)).toBe(false);
    await watched.entered('waitingHealthy');
    expect(await isHealthy(watched)).toBe(false);
  });

  it('is false while it stops, once it is stopped, and when it was given up', async () => {
    const watched = await watch(serverConfig({ termDelay: 50 }, { healthCheck: cached })).run();
    const stop = watched.sidecar.stop();
    expect(await isHealthy(watched)).toBe(false);
    await stop;
    expect(await isHealthy(watched)).toBe(false);
    await watched.sidecar[Symbol.asyncDispose]();
    expect(await isHealthy(watched)).toBe(false);
  });

  it('is false while it waits to restart', async () => {
    const watched = await watch(
      serverConfig({}, { process: { restartDelay: 60_000 }, healthCheck: cached }),
    ).run();
    process.kill(watched.pid, 'SIGKILL');
    await watched.entered('restarting.backingOff');
    expect(await isHealthy(watched)).toBe(false);
  });

  it.each([
    ['cached', cached],
    ['on demand', onDemand],
  ])('is told while a reload compiles: the old process serves (%s)', async (_, healthCheck) => {
    const watched = await watch(
      serverConfig({}, { healthCheck, compile: compilerConfig({ sleep: 300 }) }),
    ).run();
    const reload = watched.sidecar.reload();
    await watched.entered('restarting.recompiling');
    expect(await isHealthy(watched)).toBe(true);
    expect(watched.sidecar.status().state).toBe('restarting.recompiling');
    await reload;
  });

  it.each([
    ['cached', cached],
    ['on demand', onDemand],
  ])('is false when the actor was stopped underneath (%s)', async (_, healthCheck) => {
    const watched = await watch(serverConfig({}, { healthCheck })).run();
    watched.sidecar.actor.stop();
    expect(await isHealthy(watched)).toBe(false);
  });
});
