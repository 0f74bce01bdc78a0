import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { SidecarEmitted } from '../../src/index.js';
import { compilerConfig } from '../support/compile-config.js';
import { holdPort } from '../support/port-holder.js';
import { serverConfig } from '../support/server-config.js';
import { type WatchedSidecar, watch } from '../support/watched-sidecar.js';
import { eventually } from '../support/within.js';

/** Stopped, as requested, and nothing of it comes to life afterwards. */
async function isStoppedForGood(watched: WatchedSidecar): Promise<void> {
  await watched.next('stopped', ({ reason }) => reason === 'requested');
  watched.leavesNothing();
  const { generation } = watched.sidecar.status();
  // What was under way has had its turns.
  for (let turns = 0; turns < 200; turns += 1) await nextTurn();
  watched.leavesNothing();
  expect(watched.sidecar.status()).toMatchObject({ state: 'stopped', generation, pid: null });
  expect(watched.all('stopped')).toHaveLength(1);
}

describe('STOP', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 8, 10, 15, 20])(
    'leaves nothing when it comes %d turns of the event loop after the start',
    async (turns) => {
      const watched = watch(serverConfig()).start();
      for (let turn = 0; turn < turns; turn += 1) await nextTurn();
      watched.sidecar.actor.send({ type: 'STOP' });
      await isStoppedForGood(watched);
    },
  );

  it.each<[string, (event: SidecarEmitted) => boolean]>([
    ['a process is spawned', ({ type }) => type === 'spawned'],
    [
      'waitingHealthy is entered',
      (event) => event.type === 'transition' && event.record.to === 'waitingHealthy',
    ],
    ['a check is reported', ({ type }) => type === 'health-checked'],
    ['it is healthy', ({ type }) => type === 'healthy'],
    ['a line is printed', ({ type }) => type === 'output'],
    ['the process dies', ({ type }) => type === 'process-death'],
    ['the restart is scheduled', ({ type }) => type === 'restart-scheduled'],
    ['it backs off', (event) => event.type === 'transition' && event.record.to === 'restarting.backingOff'],
    [
      'it spawns again',
      (event) =>
        event.type === 'transition' && event.record.to === 'spawning' && event.record.generation === 1,
    ],
    ['the second process is spawned', (event) => event.type === 'spawned' && event.generation === 2],
  ])('leaves nothing when it comes at the moment in which %s', async (_, isMoment) => {
    const watched = watch(serverConfig({ exitAfter: 400, exitCode: 1, grandchildren: 1 }));
    let sent = false;
    watched.sidecar.on('*', (event) => {
      if (sent || !isMoment(event)) return;
      sent = true;
      watched.sidecar.actor.send({ type: 'STOP' });
    });
    watched.start();
    await isStoppedForGood(watched);
  });

  it('leaves nothing when it comes while a held port waits to be free', async () => {
    const holder = await holdPort('127.0.0.1');
    const config = serverConfig(
      {},
      { http: { host: '127.0.0.1', port: holder.port }, process: { restartDelay: 60_000 } },
    );
    const watched = watch(config).start();
    await watched.entered('restarting.backingOff');
    watched.sidecar.actor.send({ type: 'STOP' });
    await isStoppedForGood(watched);
  });

  it.each([0, 1, 3, 10, 50])('leaves nothing %d turns after a compilation began', async (turns) => {
    const watched = watch(compilerConfig(['--hang'])).start();
    for (let turn = 0; turn < turns; turn += 1) await nextTurn();
    watched.sidecar.actor.send({ type: 'STOP' });
    await watched.next('stopped');
    // The compiler ends in its own time, at most its grace period later.
    for (let turn = 0; turn < 200; turn += 1) await nextTurn();
    await eventually(() => watched.processes().length === 0, 'the end of the compiler');
    expect(watched.states()).toEqual(['compiling', 'stopped']);
  });

  it('comes first, also among many other commands at once', async () => {
    const watched = await watch(serverConfig({ termDelay: 100 })).run();
    const { actor } = watched.sidecar;
    for (const type of ['RESTART', 'RELOAD', 'START', 'RESTART', 'STOP'] as const) actor.send({ type });
    await isStoppedForGood(watched);
  });

  it('while it stops, and START after it, give one new process', async () => {
    const watched = await watch(serverConfig({ termDelay: 200 })).run();
    const { pid } = watched;
    const { actor } = watched.sidecar;
    actor.send({ type: 'STOP' });
    actor.send({ type: 'START' });
    await watched.next('healthy');
    expect(watched.pid).not.toBe(pid);
    expect(watched.processes()).toHaveLength(1);
    await watched.stopsCleanly();
  });
});
