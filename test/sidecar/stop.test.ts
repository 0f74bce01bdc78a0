import { describe, expect, it } from 'vitest';
import { outcome, rejection } from '../support/outcome.js';
import { isAlive } from '../support/processes.js';
import { serverConfig } from '../support/server-config.js';
import { watch } from '../support/watched-sidecar.js';

describe('stop()', () => {
  it('resolves once the process is gone', async () => {
    const watched = await watch(serverConfig()).run();
    const { pid } = watched;
    await watched.stopsCleanly();
    expect(isAlive(pid)).toBe(false);
  });

  it('before the first start does nothing', async () => {
    const { sidecar, events } = watch(serverConfig());
    expect(await outcome(sidecar.stop())).toBe('done');
    expect(events).toEqual([]);
    expect(sidecar.status()).toMatchObject({ state: 'stopped', reason: null });
  });

  it('in stopped does nothing', async () => {
    const watched = await watch(serverConfig()).run();
    await watched.stopsCleanly();
    const before = watched.events.length;
    expect(await outcome(watched.sidecar.stop())).toBe('done');
    expect(watched.events).toHaveLength(before);
  });

  it('called several times at once ends it once, with one grace period', async () => {
    const watched = await watch(serverConfig({ termDelay: 50 })).run();
    const calls = [1, 2, 3].map(() => outcome(watched.sidecar.stop()));
    expect(await Promise.all(calls)).toEqual(['done', 'done', 'done']);
    expect(watched.lines().filter((line) => line === 'shutting down')).toHaveLength(1);
    expect(watched.states().filter((state) => state.startsWith('stopping'))).toEqual([
      'stopping.terminating',
    ]);
  });

  it('kills what ignores the grace period', async () => {
    const watched = await watch(serverConfig({ ignoreTerm: true }, { process: { stopTimeout: 100 } })).run();
    await watched.stopsCleanly();
    expect(watched.all('stopped')[0]?.exit).toMatchObject({ code: null, signal: 'SIGKILL' });
    expect(watched.states().slice(-3)).toEqual(['stopping.terminating', 'stopping.killing', 'stopped']);
  });

  it('after it gave up keeps the reason', async () => {
    const watched = watch(serverConfig({ stderrThenExit: 'no' }, { process: { maxRestarts: 0 } }));
    await rejection(watched.sidecar.start());
    expect(await outcome(watched.sidecar.stop())).toBe('done');
    expect(watched.sidecar.status().reason).toBe('restarts-exhausted');
  });

  it('while it waits to restart ends the wait', async () => {
    const watched = await watch(serverConfig({}, { process: { restartDelay: 60_000 } })).run();
    process.kill(watched.pid, 'SIGKILL');
    await watched.entered('restarting.backingOff');
    await watched.stopsCleanly();
  });

  it('in degraded ends it', async () => {
    const watched = await watch(serverConfig({}, { healthCheck: { failureThreshold: 1 } })).run();
    await watched.control('health=503');
    await watched.entered('degraded');
    await watched.stopsCleanly();
  });

  it('while it restarts: restart rejects with the reason "requested"', async () => {
    const watched = await watch(serverConfig({ termDelay: 100 })).run();
    const restart = rejection(watched.sidecar.restart());
    await watched.entered('restarting.terminating');
    await watched.stopsCleanly();
    expect(await restart).toMatchObject({ name: 'SidecarStartError', reason: 'requested' });
  });
});
