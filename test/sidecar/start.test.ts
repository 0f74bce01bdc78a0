import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SidecarStartError } from '../../src/index.js';
import { compilerConfig } from '../support/compiler-config.js';
import { outcome, rejection } from '../support/outcome.js';
import { serverArgs, serverConfig, shellConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { watch } from '../support/watched-sidecar.js';
import { pidThatAnswers } from './answers.js';

describe('start()', () => {
  it('resolves when the sidecar is running and answers', async () => {
    const { sidecar, origin } = await watch(serverConfig()).run();
    expect(sidecar.status()).toMatchObject({ state: 'running', generation: 1, reason: null, trouble: null });
    expect(await pidThatAnswers(origin)).toBe(sidecar.status().pid);
  });

  it('called several times at once starts one process, and all calls resolve', async () => {
    const watched = watch(serverConfig());
    const calls = [1, 2, 3].map(() => outcome(watched.sidecar.start()));
    expect(await Promise.all(calls)).toEqual(['done', 'done', 'done']);
    expect(watched.all('spawned')).toHaveLength(1);
    expect(watched.processes()).toHaveLength(1);
  });

  it('in running does nothing', async () => {
    const watched = await watch(serverConfig()).run();
    const { pid } = watched;
    expect(await outcome(watched.sidecar.start())).toBe('done');
    expect(watched.pid).toBe(pid);
    expect(watched.states().filter((state) => state === 'running')).toHaveLength(1);
  });

  it('in degraded does nothing: the sidecar is up', async () => {
    const watched = await watch(serverConfig({}, { healthCheck: { failureThreshold: 1 } })).run();
    await watched.control('health=503');
    await watched.entered('degraded');
    expect(await outcome(watched.sidecar.start())).toBe('done');
    expect(watched.sidecar.status()).toMatchObject({ state: 'degraded', generation: 1 });
  });

  it('while it compiles waits along', async () => {
    const watched = watch(serverConfig({}, { compile: compilerConfig({ sleep: 100 }) })).start();
    await watched.entered('compiling');
    expect(await outcome(watched.sidecar.start())).toBe('done');
    expect(await watched.started).toBe('running');
    expect(watched.all('compiled')).toHaveLength(1);
  });

  it('while it stops starts it again afterwards; both calls resolve', async () => {
    const watched = await watch(serverConfig({ termDelay: 100 })).run();
    const stop = outcome(watched.sidecar.stop());
    await watched.entered('stopping.terminating');
    expect(await outcome(watched.sidecar.start())).toBe('done');
    expect(await stop).toBe('done');
    expect(watched.sidecar.status()).toMatchObject({ state: 'running', generation: 2 });
    expect(watched.processes()).toHaveLength(1);
  });

  it('while it waits to restart waits along', async () => {
    const watched = await watch(serverConfig({}, { process: { restartDelay: 200 } })).run();
    process.kill(watched.pid, 'SIGKILL');
    await watched.entered('restarting.backingOff');
    expect(await outcome(watched.sidecar.start())).toBe('done');
    expect(watched.sidecar.status()).toMatchObject({ state: 'running', generation: 2 });
  });

  it('while a reload compiles in vain resolves, because the old process serves on', async () => {
    const folder = await tempFolder();
    const compile = {
      command: 'sh',
      args: ['-c', 'test ! -e built || { sleep 0.2; exit 1; }; touch built'],
      cwd: folder,
    };
    const watched = await watch(serverConfig({}, { compile })).run();
    const reload = outcome(watched.sidecar.reload());
    await watched.entered('restarting.recompiling');
    const start = outcome(watched.sidecar.start());
    expect(await reload).toBeInstanceOf(Error);
    expect(watched.sidecar.status().state).toBe('running');
    expect(await start).toBe('done');
  });

  it('after a stop starts anew', async () => {
    const watched = await watch(serverConfig()).run();
    await watched.stopsCleanly();
    expect(await outcome(watched.sidecar.start())).toBe('done');
    expect(watched.sidecar.status()).toMatchObject({ state: 'running', generation: 2 });
  });

  it('retries a crash while starting within the budget', async () => {
    const folder = await tempFolder();
    const server = [process.execPath, ...serverArgs()].map((word) => `'${word}'`).join(' ');
    const script = `test -e ${join(folder, 'crashed')} && exec ${server}; touch ${join(folder, 'crashed')}; exit 3`;
    const watched = watch(shellConfig(script));
    expect(await outcome(watched.sidecar.start())).toBe('done');
    expect(watched.sidecar.status()).toMatchObject({ generation: 2, restarts: { used: 1 } });
  });
});

describe('start() and stop()', () => {
  it('stop during start: start rejects with the reason "requested"', async () => {
    const watched = watch(serverConfig({ neverListen: true }));
    const start = rejection(watched.sidecar.start());
    await watched.entered('waitingHealthy');
    expect(await outcome(watched.sidecar.stop())).toBe('done');
    expect(await start).toMatchObject({ name: 'SidecarStartError', reason: 'requested', trouble: null });
    watched.leavesNothing();
  });

  it('stop in the same turn as start: nothing is spawned', async () => {
    const watched = watch(serverConfig());
    const start = rejection(watched.sidecar.start());
    const stop = outcome(watched.sidecar.stop());
    expect(await stop).toBe('done');
    expect(await start).toMatchObject({ reason: 'requested' });
    expect(watched.all('spawned')).toEqual([]);
    watched.leavesNothing();
  });

  it('stop while it compiles: the compiler and what it started end, too', async () => {
    const compile = compilerConfig({ hang: true, grandchild: true });
    const watched = watch(serverConfig({}, { compile }));
    const start = rejection(watched.sidecar.start());
    await watched.next('output', ({ line }) => line === 'hanging');
    expect(await outcome(watched.sidecar.stop())).toBe('done');
    expect(await start).toMatchObject({ reason: 'requested' });
  });

  it('start, stop, start in one turn: it runs in the end, and the last call resolves', async () => {
    const { sidecar } = watch(serverConfig());
    const calls = [sidecar.start(), sidecar.stop(), sidecar.start()].map((call) => outcome(call));
    const [first, stop, last] = await Promise.all(calls);
    expect([stop, last]).toEqual(['done', 'done']);
    // The stop may have been complete before the last call, or not.
    expect(first === 'done' || first instanceof SidecarStartError).toBe(true);
    expect(sidecar.status().state).toBe('running');
  });

  it('start, stop, start, stop in one turn: it is stopped in the end, and no start resolves', async () => {
    const watched = watch(serverConfig());
    const { sidecar } = watched;
    const calls = [sidecar.start(), sidecar.stop(), sidecar.start(), sidecar.stop()].map((call) =>
      outcome(call),
    );
    const [first, stop, second, stopAgain] = await Promise.all(calls);
    expect([stop, stopAgain]).toEqual(['done', 'done']);
    expect(first).toBeInstanceOf(SidecarStartError);
    expect(second).toBeInstanceOf(SidecarStartError);
    expect(sidecar.status()).toMatchObject({ state: 'stopped', reason: 'requested' });
    watched.leavesNothing();
  });
});
