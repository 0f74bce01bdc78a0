import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type SnapshotFrom, waitFor } from 'xstate';
import { LibraryUnloadedError, SidecarUnkillableError, type sidecarMachine } from '../../src/index.js';
import { outcome, rejection } from '../support/outcome.js';
import { serverConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { type WatchedSidecar, watch } from '../support/watched-sidecar.js';
import { PATIENCE } from '../support/within.js';
import { libraryConfig, libraryOf } from './library-config.js';
import { arithmeticLibrary, hasC } from './toolchains.js';

const canListLoaded = process.platform === 'linux';

/** The libraries of this test that are in the memory of this process; empty where the platform does not tell. */
function loadedCopies(): string[] {
  if (!canListLoaded) return [];
  const maps = readFileSync('/proc/self/maps', 'utf8');
  return [...new Set(maps.match(/\S*libarithmetic\.so/g))];
}

/** A call on the pool that ends when it is told to, and when the test has finished at the latest. */
async function callThatWaits(watched: WatchedSidecar) {
  const sign = join(await tempFolder(), `sign-${randomUUID()}`);
  const release = () => writeFile(sign, '');
  onTestFinished(release);
  return { release, result: libraryOf(watched.sidecar).callAsync('wait_for_file', sign) };
}

function whenSnapshot(watched: WatchedSidecar, holds: (now: SnapshotFrom<typeof sidecarMachine>) => boolean) {
  return waitFor(watched.sidecar.actor, holds, { timeout: PATIENCE });
}

describe.runIf(hasC)('a shared library as a sidecar', () => {
  const arithmetic = arithmeticLibrary();

  it('is started, restarted and stopped like any other', async () => {
    const watched = await watch(libraryConfig(arithmetic.path)).run();
    const { sidecar } = watched;
    const endpoint = { transport: 'direct', library: arithmetic.path };
    expect(sidecar.status()).toMatchObject({ state: 'running', pid: process.pid, generation: 1, endpoint });
    expect(libraryOf(sidecar).call('count')).toBe(1);
    expect(libraryOf(sidecar).call('count')).toBe(2);

    await sidecar.restart();
    expect(sidecar.status()).toMatchObject({ state: 'running', pid: process.pid, generation: 2, endpoint });
    // It was loaded anew: nothing of the memory of the old one is left.
    expect(libraryOf(sidecar).call('count')).toBe(1);

    await watched.stopsCleanly();
    expect(loadedCopies()).toEqual([]);
    expect(watched.all('spawned')).toEqual([
      { type: 'spawned', generation: 1, pid: process.pid, endpoint },
      { type: 'spawned', generation: 2, pid: process.pid, endpoint },
    ]);
    expect(sidecar.actor.getSnapshot().context.lastExit).toEqual({
      code: 0,
      signal: null,
      pid: process.pid,
      tail: [],
      outOfMemory: null,
    });
    await sidecar.start();
    expect(libraryOf(sidecar).call('count')).toBe(1);
  });

  it('is found relative to process.cwd', async () => {
    const cwd = await tempFolder();
    const watched = await watch(libraryConfig(relative(cwd, arithmetic.path), { process: { cwd } })).run();
    expect(watched.sidecar.status().endpoint).toEqual({ transport: 'direct', library: arithmetic.path });
  });

  it('can be two at once, which know nothing of each other', async () => {
    const [one, other] = [watch(libraryConfig(arithmetic.path)), watch(libraryConfig(arithmetic.path))];
    await Promise.all([one.run(), other.run()]);
    expect(libraryOf(one.sidecar).call('count')).toBe(1);
    expect(libraryOf(other.sidecar).call('count')).toBe(1);
    await one.stopsCleanly();
    expect(libraryOf(other.sidecar).call('count')).toBe(2);
  });

  it('is given up while it is prepared', async () => {
    const watched = watch(libraryConfig(arithmetic.path)).start();
    await watched.entered('spawning');
    await watched.stopsCleanly();
    expect(watched.all('spawned')).toEqual([]);
    expect(String(await watched.started)).toContain('did not start');
    await watched.run();
    if (canListLoaded) expect(loadedCopies()).toHaveLength(1);
    await watched.stopsCleanly();
    expect(loadedCopies()).toEqual([]);
  });

  it('is degraded when its health function returns something else than 0, and then replaced', async () => {
    const healthCheck = { failureThreshold: 2, interval: 20, retryInterval: 20, degradedTimeout: 50 };
    const watched = await watch(libraryConfig(arithmetic.path, { healthCheck })).run();
    libraryOf(watched.sidecar).call('set_health', 3);
    const { cause } = await watched.next('unhealthy');
    expect(cause).toMatchObject({
      type: 'unhealthy',
      failures: 2,
      report: { check: 'the loaded library', error: 'its health function get_health() returned 3, not 0' },
    });
    await watched.next('healthy', ({ generation }) => generation === 2);
    expect(libraryOf(watched.sidecar).call('get_health')).toBe(0);
    await watched.stopsCleanly();
  });

  it('does not get to run with a health function that never returns 0', async () => {
    const watched = watch(
      libraryConfig(arithmetic.path, {
        // Counts its calls, so it is 0 never again.
        direct: { functions: {}, health: 'count' },
        healthCheck: { startupTimeout: 200, timeout: 100, retryInterval: 20 },
        process: { maxRestarts: 0 },
      }),
    ).start();
    const { reason } = await watched.next('stopped');
    expect(reason).toBe('restarts-exhausted');
    expect(String(await watched.started)).toMatch(/its health function count\(\) returned \d+, not 0/);
  });

  it('is not measured: the limits would be those of the host', async () => {
    const resources = {
      maxMemoryMB: 1,
      maxCPUPercent: 1,
      maxFileDescriptors: 1,
      interval: 500,
      breachThreshold: 1,
    };
    const watched = await watch(libraryConfig(arithmetic.path, { resources })).run();
    // The same limits for a process that starts later: once they are broken there, they would have been here.
    const clock = await watch(serverConfig({}, { resources })).run();
    await clock.next('resource-exhaustion');
    expect(watched.all('resource-exhaustion')).toEqual([]);
    expect(watched.all('warning')).toEqual([]);
    expect(watched.sidecar.status()).toMatchObject({ state: 'running', resources: null });
  });

  it('waits for the calls under way before it is unloaded, and lets no more in', async () => {
    const watched = await watch(libraryConfig(arithmetic.path)).run();
    const library = libraryOf(watched.sidecar);
    const calls = [await callThatWaits(watched), await callThatWaits(watched)];
    const stopping = watched.sidecar.stop();
    await watched.entered('stopping.terminating');
    expect(() => library.call('add', 1, 2)).toThrow(LibraryUnloadedError);
    expect(await rejection(library.callAsync('add', 1, 2))).toBeInstanceOf(LibraryUnloadedError);
    for (const { release, result } of calls) {
      expect(watched.sidecar.status().state).toBe('stopping.terminating');
      await release();
      expect(await result).toBe(42);
    }
    expect(await outcome(stopping)).toBe('done');
    expect(watched.sidecar.status()).toMatchObject({ state: 'stopped', reason: 'requested', pid: null });
  });

  it('is unkillable while a call hangs, says so, and starts again once it has ended', async () => {
    const process = { stopTimeout: 50, killTimeout: 50 };
    const watched = await watch(libraryConfig(arithmetic.path, { process })).run();
    const { sidecar } = watched;
    const { release, result } = await callThatWaits(watched);
    expect(await rejection(sidecar.stop())).toBeInstanceOf(SidecarUnkillableError);
    expect(sidecar.status()).toMatchObject({ state: 'stopped', reason: 'unkillable' });
    expect((await watched.next('stopped')).reason).toBe('unkillable');
    // A new one is not loaded beside it.
    expect(String(await outcome(sidecar.start()))).toContain('did not start');
    expect((await watched.next('stopped')).reason).toBe('unkillable');
    expect(watched.all('spawned')).toHaveLength(1);

    await release();
    expect(await result).toBe(42);
    await whenSnapshot(watched, ({ context }) => context.process === null);
    await sidecar.start();
    expect(libraryOf(sidecar).call('count')).toBe(1);
    await sidecar.stop();
  });
});
