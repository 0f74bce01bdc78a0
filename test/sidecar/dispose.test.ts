import { describe, expect, it } from 'vitest';
import { createSidecar } from '../../src/index.js';
import { outcome, rejection } from '../support/outcome.js';
import { isAlive } from '../support/processes.js';
import { serverConfig } from '../support/server-config.js';
import { watch } from '../support/watched-sidecar.js';
import { eventually } from '../support/within.js';

describe('await using', () => {
  it('stops the sidecar at the end of the block', async () => {
    let pid: number | null = null;
    {
      await using sidecar = createSidecar(serverConfig());
      await sidecar.start();
      pid = sidecar.status().pid;
    }
    expect(pid).not.toBeNull();
    expect(pid !== null && isAlive(pid)).toBe(false);
  });

  it('stops it when the block throws', async () => {
    let pid: number | null = null;
    const fail = async () => {
      await using sidecar = createSidecar(serverConfig());
      await sidecar.start();
      pid = sidecar.status().pid;
      throw new Error('in the block');
    };
    expect((await rejection(fail())).message).toBe('in the block');
    expect(pid !== null && isAlive(pid)).toBe(false);
  });
});

describe('a sidecar that was given up', () => {
  it.each([
    ['start', 'after it ran'],
    ['restart', 'after it ran'],
    ['reload', 'after it ran'],
    ['start', 'before it was started'],
    ['restart', 'before it was started'],
    ['reload', 'before it was started'],
  ] as const)('rejects %s(), %s', async (method, when) => {
    const watched = watch(serverConfig());
    if (when === 'after it ran') await watched.run();
    await watched.sidecar[Symbol.asyncDispose]();
    expect(await rejection(watched.sidecar[method]())).toMatchObject({ name: 'SidecarError' });
    expect(watched.sidecar.status().state).toBe('stopped');
    watched.leavesNothing();
  });

  it('may be stopped and given up again', async () => {
    const watched = await watch(serverConfig()).run();
    await watched.sidecar[Symbol.asyncDispose]();
    expect(await outcome(watched.sidecar.stop())).toBe('done');
    expect(await outcome(watched.sidecar[Symbol.asyncDispose]())).toBe('done');
  });

  it('twice at once is given up once', async () => {
    const watched = await watch(serverConfig({ termDelay: 50 })).run();
    const calls = [1, 2].map(() => outcome(watched.sidecar[Symbol.asyncDispose]()));
    expect(await Promise.all(calls)).toEqual(['done', 'done']);
    watched.leavesNothing();
  });

  it('while it starts rejects the start', async () => {
    const watched = watch(serverConfig({ neverListen: true }));
    const start = rejection(watched.sidecar.start());
    await watched.entered('waitingHealthy');
    expect(await outcome(watched.sidecar[Symbol.asyncDispose]())).toBe('done');
    expect(await start).toMatchObject({ name: 'SidecarStartError', reason: 'requested' });
    watched.leavesNothing();
  });
});

describe('an actor that is stopped underneath', () => {
  it('rejects all who wait, and the process ends', async () => {
    const watched = watch(serverConfig({ neverListen: true }));
    const waiting = [watched.sidecar.start(), watched.sidecar.restart()].map((call) => rejection(call));
    await watched.entered('waitingHealthy');
    watched.sidecar.actor.stop();
    for (const error of await Promise.all(waiting)) {
      expect(error).toMatchObject({ name: 'SidecarError', message: expect.stringContaining('given up') });
    }
    await eventually(() => watched.processes().length === 0, 'the process to end');
  });

  it('rejects a stop under way, and the process ends', async () => {
    const watched = await watch(serverConfig({ ignoreTerm: true })).run();
    const stop = rejection(watched.sidecar.stop());
    await watched.entered('stopping.terminating');
    watched.sidecar.actor.stop();
    expect(await stop).toMatchObject({ name: 'SidecarError' });
    await eventually(() => watched.processes().length === 0, 'the process to end');
  });

  it.each(['start', 'restart', 'reload'] as const)('in running: %s() rejects', async (method) => {
    const watched = await watch(serverConfig()).run();
    watched.sidecar.actor.stop();
    expect(await rejection(watched.sidecar[method]())).toMatchObject({ name: 'SidecarError' });
    await eventually(() => watched.processes().length === 0, 'the process to end');
  });

  it('in running: stop() has nothing left to do', async () => {
    const watched = await watch(serverConfig()).run();
    watched.sidecar.actor.stop();
    expect(await outcome(watched.sidecar.stop())).toBe('done');
  });
});
