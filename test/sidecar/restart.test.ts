import { describe, expect, it } from 'vitest';
import { compilerConfig } from '../support/compiler-config.js';
import { outcome, rejection } from '../support/outcome.js';
import { isAlive } from '../support/processes.js';
import { serverConfig } from '../support/server-config.js';
import { watch } from '../support/watched-sidecar.js';
import { pidThatAnswers } from './answers.js';

describe('restart()', () => {
  it('in running replaces the process and resolves when the new one answers', async () => {
    const watched = await watch(serverConfig()).run();
    const { pid } = watched;
    expect(await outcome(watched.sidecar.restart())).toBe('done');
    expect(watched.sidecar.status()).toMatchObject({ state: 'running', generation: 2 });
    expect(await pidThatAnswers(watched.origin)).toBe(watched.pid);
    expect(isAlive(pid)).toBe(false);
  });

  it.each([
    ['without a compile step', {}],
    ['with one', { compile: compilerConfig() }],
  ])('before the first start starts it, %s', async (_, sections) => {
    const watched = watch(serverConfig({}, sections));
    expect(await outcome(watched.sidecar.restart())).toBe('done');
    expect(watched.sidecar.status()).toMatchObject({ state: 'running', generation: 1 });
  });

  it('in stopped starts it', async () => {
    const watched = await watch(serverConfig()).run();
    await watched.stopsCleanly();
    expect(await outcome(watched.sidecar.restart())).toBe('done');
    expect(watched.sidecar.status()).toMatchObject({ state: 'running', reason: null });
  });

  it('while it starts begins again, and all who wait are served', async () => {
    const watched = watch(serverConfig({ listenAfter: 300 })).start();
    await watched.entered('waitingHealthy');
    expect(await outcome(watched.sidecar.restart())).toBe('done');
    expect(await watched.started).toBe('running');
    expect(watched.sidecar.status().generation).toBe(2);
  });

  it('while it compiles compiles again', async () => {
    const watched = watch(serverConfig({}, { compile: compilerConfig({ sleep: 50 }) })).start();
    await watched.entered('compiling');
    expect(await outcome(watched.sidecar.restart())).toBe('done');
    expect(watched.all('spawned')).toHaveLength(1);
    expect(watched.states().filter((state) => state === 'compiling')).toHaveLength(2);
  });

  it('called several times at once leaves one process, and all calls resolve', async () => {
    const watched = await watch(serverConfig()).run();
    const calls = [1, 2, 3].map(() => outcome(watched.sidecar.restart()));
    expect(await Promise.all(calls)).toEqual(['done', 'done', 'done']);
    expect(watched.processes()).toHaveLength(1);
    expect(watched.sidecar.status()).toMatchObject({ state: 'running', generation: 2 });
  });

  it('while it waits to restart cuts the wait short, with a full budget', async () => {
    const watched = await watch(serverConfig({}, { process: { restartDelay: 60_000 } })).run();
    process.kill(watched.pid, 'SIGKILL');
    await watched.entered('restarting.backingOff');
    expect(await outcome(watched.sidecar.restart())).toBe('done');
    expect(watched.sidecar.status()).toMatchObject({ state: 'running', restarts: { used: 0 } });
  });

  it('while it stops is remembered: stopped, then started', async () => {
    const watched = await watch(serverConfig({ termDelay: 100 })).run();
    const stop = outcome(watched.sidecar.stop());
    await watched.entered('stopping.terminating');
    expect(await outcome(watched.sidecar.restart())).toBe('done');
    expect(await stop).toBe('done');
    expect(watched.states()).toContain('stopped');
    expect(watched.sidecar.status().state).toBe('running');
  });

  it('in degraded replaces the process without a delay', async () => {
    const watched = await watch(serverConfig({}, { healthCheck: { failureThreshold: 1 } })).run();
    await watched.control('health=503');
    await watched.entered('degraded');
    expect(await outcome(watched.sidecar.restart())).toBe('done');
    expect(watched.all('restart-scheduled')).toEqual([]);
    expect(watched.sidecar.status()).toMatchObject({ state: 'running', trouble: null });
  });

  it('while a reload compiles: both resolve with the same new process', async () => {
    const watched = await watch(serverConfig({}, { compile: compilerConfig({ sleep: 50 }) })).run();
    const reload = outcome(watched.sidecar.reload());
    await watched.entered('restarting.recompiling');
    expect(await outcome(watched.sidecar.restart())).toBe('done');
    expect(await reload).toBe('done');
    expect(watched.sidecar.status()).toMatchObject({ state: 'running', generation: 2 });
  });

  it('rejects when the new process does not come up', async () => {
    let restarted = false;
    const env = () => (restarted ? { NODE_OPTIONS: '--no-such-option' } : {});
    const watched = await watch(serverConfig({}, { process: { env, maxRestarts: 0 } })).run();
    restarted = true;
    const error = await rejection(watched.sidecar.restart());
    expect(error).toMatchObject({ name: 'SidecarStartError', reason: 'restarts-exhausted' });
    watched.leavesNothing();
  });
});
