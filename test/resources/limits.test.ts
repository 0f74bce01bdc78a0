import { describe, expect, it } from 'vitest';
import { explainTransition } from '../../src/index.js';
import { canListProcesses } from '../support/processes.js';
import { serverConfig } from '../support/server-config.js';
import { watch } from '../support/watched-sidecar.js';

if (!canListProcesses) console.log('Skipped here: the number of file descriptors, which is read in /proc.');

/** No limit but the one under test. */
const unlimited = { maxMemoryMB: null, maxCPUPercent: null, maxFileDescriptors: null, interval: 500 };

describe('the limits of a sidecar', () => {
  it('are samples of the real process', async () => {
    const watched = await watch(serverConfig({ leakMB: 100, openFds: 50 }, { resources: unlimited })).run();
    await watched.next('health-checked', () => watched.sidecar.status().resources !== null);
    const { resources } = watched.sidecar.status();
    expect(resources?.memoryMB).toBeGreaterThan(100);
    expect(resources?.memoryMB).toBeLessThan(1000);
    if (canListProcesses) expect(resources?.fileDescriptors).toBeGreaterThan(50);
    await watched.stopsCleanly();
  });

  it('make it degraded when memory is over them in K samples in a row, and running again below', async () => {
    const resources = { ...unlimited, maxMemoryMB: 250, breachThreshold: 3 };
    const watched = await watch(serverConfig({}, { resources })).run();
    const { pid } = watched;
    await watched.control('leakMB=300');

    const { resource, value, limit } = await watched.next('resource-exhaustion');
    expect([resource, limit]).toEqual(['memory', 250]);
    expect(value).toBeGreaterThan(300);
    const record = await watched.entered('degraded');
    expect(record.cause).toMatchObject({
      type: 'limit',
      breach: { resource: 'memory', limit: 250, samples: 3 },
    });
    expect(explainTransition(record)).toMatch(
      /^memory was over the limit in 3 samples in a row: \d+ MB of 250 MB$/,
    );
    await watched.control('leakMB=0');
    await watched.next('recovered');
    expect(watched.sidecar.status()).toMatchObject({ state: 'running', pid, trouble: null });
    // Once a breach, not once a sample.
    expect(watched.all('resource-exhaustion')).toHaveLength(1);
    await watched.stopsCleanly();
  });

  it('get a process replaced that stays over them', async () => {
    const resources = { ...unlimited, maxMemoryMB: 250, breachThreshold: 2 };
    const config = serverConfig({}, { resources, healthCheck: { degradedTimeout: 300 } });
    const watched = await watch(config).run();
    const { pid } = watched;
    await watched.control('leakMB=300');
    await watched.entered('degraded');
    await watched.entered('restarting.terminating');
    const { cause } = await watched.next('restart-scheduled');
    expect(cause).toMatchObject({ type: 'limit', breach: { resource: 'memory', samples: 2 } });
    await watched.next('healthy', ({ generation }) => generation === 2);
    expect(watched.pid).not.toBe(pid);
    await watched.stopsCleanly();
  });

  it('hold for CPU', async () => {
    // Far below one core: a busy machine may not give it more.
    const resources = { ...unlimited, maxCPUPercent: 15, breachThreshold: 2 };
    const watched = await watch(serverConfig({}, { resources })).run();
    await watched.control('burn=true');
    const record = await watched.entered('degraded');
    expect(explainTransition(record)).toMatch(
      /^CPU was over the limit in 2 samples in a row: \d+ % of 15 %$/,
    );
    await watched.control('burn=false');
    await watched.next('recovered');
    await watched.stopsCleanly();
  });

  it.runIf(canListProcesses)('hold for file descriptors', async () => {
    const resources = { ...unlimited, maxFileDescriptors: 100, breachThreshold: 2 };
    const watched = await watch(serverConfig({}, { resources })).run();
    await watched.control('openFds=200');
    const record = await watched.entered('degraded');
    expect(explainTransition(record)).toMatch(
      /^the number of file descriptors was over the limit in 2 samples in a row: 2\d\d of 100$/,
    );
    await watched.control('openFds=0');
    await watched.next('recovered');
    await watched.stopsCleanly();
  });

  it('are no matter for a single sample', async () => {
    const resources = { ...unlimited, maxMemoryMB: 20, breachThreshold: 1_000 };
    const watched = await watch(serverConfig({}, { resources })).run();
    // Node.js needs more than 20 MB in every sample.
    await watched.next('health-checked', () => {
      const { max } = watched.sidecar.actor.getSnapshot().context.resources;
      return max.memory.filter(Boolean).length >= 3;
    });
    expect(watched.sidecar.status().state).toBe('running');
    expect(watched.all('resource-exhaustion')).toEqual([]);
    await watched.stopsCleanly();
  });

  it('are watched anew for each incarnation', async () => {
    const watched = await watch(serverConfig({}, { resources: unlimited })).run();
    process.kill(watched.pid, 'SIGKILL');
    await watched.next('healthy', ({ generation }) => generation === 2);
    expect(watched.sidecar.status().resources).toBeNull();
    await watched.next('health-checked', () => watched.sidecar.status().resources !== null);
    expect(watched.all('warning')).toEqual([]);
    await watched.stopsCleanly();
  });
});
