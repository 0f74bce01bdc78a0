import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { ResourceSample } from '../../src/index.js';
import { canListProcesses } from '../support/processes.js';
import { serverArgs, serverConfig } from '../support/server-config.js';
import { type WatchedSidecar, watch } from '../support/watched-sidecar.js';

if (!canListProcesses)
  console.log('Skipped here: what is shared, descriptors, and what ended, read in /proc.');

const canFork = canListProcesses && runs('python3', ['-c', '']);
if (!canFork) console.log('Skipped here: memory that is shared by fork, which takes python3 on Linux.');

const unlimited = { maxMemoryMB: null, maxCPUPercent: null, maxFileDescriptors: null, interval: 500 };

/** A server, and other processes of its group that its shell started. */
function withOthers(script: string, resources: Parameters<typeof serverConfig>[1] = {}) {
  const args = ['-c', `${script}\nexec "$0" "$@"`, process.execPath, ...serverArgs()];
  return serverConfig({}, { ...resources, process: { command: 'sh', args, ...resources.process } });
}

const nodeOf = (code: string) => `${process.execPath} -e '${code}; setTimeout(() => {}, 300_000)' &`;

/** The first sample that is as expected; checks come far more often. */
async function sampled(watched: WatchedSidecar, isMeant: (sample: ResourceSample) => boolean) {
  const last = () => watched.sidecar.status().resources;
  await watched.next('health-checked', () => {
    const sample = last();
    return sample !== null && isMeant(sample);
  });
  const sample = last();
  if (sample === null) throw new Error('there is no sample');
  return sample;
}

describe('the resources of a sidecar', () => {
  it('are those of its whole group: a grandchild that leaks breaks the limit', async () => {
    const leak = nodeOf('globalThis.kept = Buffer.alloc(300 * 1024 * 1024, 1)');
    const resources = { ...unlimited, maxMemoryMB: 300, breachThreshold: 2 };
    const watched = await watch(withOthers(`(${leak})`, { resources })).run();
    const { cause } = await watched.entered('degraded');
    expect(cause).toMatchObject({ type: 'limit', breach: { resource: 'memory', limit: 300, samples: 2 } });
    const { memoryMB, processes } = await sampled(watched, () => true);
    expect(memoryMB).toBeGreaterThan(300);
    expect(processes).toBe(2);
    await watched.stopsCleanly();
  });

  it.runIf(canListProcesses)('hold the descriptors of all its processes', async () => {
    const open = nodeOf('for (let i = 0; i < 200; i += 1) fs.openSync("/dev/null")');
    const watched = await watch(withOthers(open, { resources: unlimited })).run();
    const sample = await sampled(watched, ({ fileDescriptors }) => Number(fileDescriptors) > 200);
    expect(sample.fileDescriptors).toBeLessThan(400);
    await watched.stopsCleanly();
  });

  it.runIf(canListProcesses)(
    'are resident memory while it is one process, where nothing counts twice',
    async () => {
      const watched = await watch(serverConfig({}, { resources: unlimited })).run();
      expect(await sampled(watched, () => true)).toMatchObject({ memoryMeasure: 'rss', processes: 1 });
      await watched.stopsCleanly();
    },
  );

  it.runIf(canFork)('count memory once that several of its processes share', async () => {
    const fork = `python3 -c '
import os, time
block = bytearray(b"x") * (200 * 1024 * 1024)
for _ in range(4):
    if os.fork() == 0:
        time.sleep(300)
time.sleep(300)
' &`;
    const watched = await watch(withOthers(fork, { resources: unlimited })).run();
    const sample = await sampled(watched, ({ processes }) => processes === 6);
    const { memoryMB, memoryMeasure } = await sampled(
      watched,
      ({ sampledAt }) => sampledAt > sample.sampledAt,
    );
    expect(memoryMeasure).toBe('pss');
    expect(memoryMB).toBeGreaterThan(200);
    // Resident memory comes to more than 1000 MB.
    expect(residentMB(watched)).toBeGreaterThan(1000);
    expect(memoryMB).toBeLessThan(500);
    await watched.stopsCleanly();
  });

  it.runIf(canListProcesses)(
    'hold the processor time of processes that are gone before anybody looks',
    async () => {
      // Each lives for a small part of an interval.
      const burst = 'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done';
      const watched = await watch(
        withOthers(`(while :; do sh -c "$BURST"; done) &`, {
          resources: unlimited,
          process: { env: { BURST: burst } },
        }),
      ).run();
      // Far below one core: a busy machine may not give it more.
      const sample = await sampled(watched, ({ cpuPercent }) => cpuPercent > 15);
      expect(sample.cpuPercent).toBeLessThanOrEqual(100 * cpus().length);
      await watched.stopsCleanly();
    },
  );
});

describe('what a broken limit leads to', () => {
  const tight = { ...unlimited, maxMemoryMB: 250, breachThreshold: 2 };
  const impatient = { degradedTimeout: 300 };

  it('is only an event with report', async () => {
    const resources = { ...tight, onMemory: 'report' } as const;
    const watched = await watch(serverConfig({}, { resources, healthCheck: impatient })).run();
    await watched.control('leakMB=300');
    expect(await watched.next('resource-exhaustion')).toMatchObject({ resource: 'memory', action: 'report' });
    expect(watched.sidecar.status()).toMatchObject({ state: 'running', trouble: null });
    await watched.stopsCleanly();
  });

  it('is being degraded, and no restart, with degrade', async () => {
    const resources = { ...tight, onMemory: 'degrade' } as const;
    const watched = await watch(serverConfig({}, { resources, healthCheck: impatient })).run();
    const { pid } = watched;
    await watched.control('leakMB=300');
    await watched.entered('degraded');
    const { sampledAt } = await sampled(watched, () => true);
    // Two more samples: more than three times degradedTimeout.
    await sampled(watched, (sample) => sample.sampledAt > sampledAt + 900);
    expect(watched.sidecar.status()).toMatchObject({ state: 'degraded', pid });
    await watched.control('leakMB=0');
    await watched.next('recovered');
    await watched.stopsCleanly();
  });

  it('is a warning, once, with a soft limit', async () => {
    const resources = { ...unlimited, maxMemoryMB: 2000, softMemoryMB: 250, breachThreshold: 2 };
    const watched = await watch(serverConfig({}, { resources })).run();
    await watched.control('leakMB=300');
    const warning = await watched.next('resource-warning');
    expect(warning).toMatchObject({ resource: 'memory', limit: 250 });
    const { sampledAt } = await sampled(watched, () => true);
    await sampled(watched, (sample) => sample.sampledAt > sampledAt + 900);
    expect(watched.all('resource-warning')).toEqual([warning]);
    expect(watched.all('resource-exhaustion')).toEqual([]);
    expect(watched.sidecar.status().state).toBe('running');
    await watched.stopsCleanly();
  });
});

/** Of all processes of the sidecar, shared pages counted each time. */
function residentMB(watched: WatchedSidecar): number {
  const pids = watched.processes().map(({ pid }) => pid);
  const output = execFileSync('ps', ['-o', 'rss=', '-p', pids.join(',')], { encoding: 'utf8' });
  return (
    output
      .trim()
      .split('\n')
      .map(Number)
      .reduce((sum, each) => sum + each, 0) / 1024
  );
}

function runs(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
