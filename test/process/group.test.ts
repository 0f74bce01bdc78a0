import { describe, expect, it } from 'vitest';
import { explainTransition } from '../../src/index.js';
import { canListProcesses, isAlive } from '../support/processes.js';
import { serverArgs, serverConfig, shellConfig } from '../support/server-config.js';
import { type WatchedSidecar, watch } from '../support/watched-sidecar.js';
import { eventually } from '../support/within.js';

if (!canListProcesses) console.log('Skipped here: process groups, which are looked at in /proc.');

describe.runIf(canListProcesses)('the group of a process', () => {
  it.each([
    ['that end on SIGTERM', {}, 15_000, 'restarting.terminating'],
    ['that ignore SIGTERM', { grandchildrenIgnoreTerm: true }, 300, 'restarting.killing'],
  ] as const)(
    'is emptied of grandchildren %s before the next spawn',
    async (_, options, stopTimeout, lastState) => {
      const config = serverConfig({ grandchildren: 2, ...options }, { process: { stopTimeout } });
      const watched = await watch(config).run();
      const grandchildren = await grandchildrenOf(watched, 2);
      expect(grandchildren).toHaveLength(2);

      let leftAtSpawn: boolean[] = [];
      watched.sidecar.on('transition', ({ record }) => {
        if (record.to === 'spawning') leftAtSpawn = grandchildren.map(isAlive);
      });
      process.kill(watched.pid, 'SIGKILL');
      const record = await watched.entered('restarting.terminating');
      expect(record.cause).toMatchObject({ type: 'exited', survivors: 2, exit: { signal: 'SIGKILL' } });
      expect(explainTransition(record)).toContain('left 2 of its group behind');
      await watched.next('healthy');
      expect(leftAtSpawn).toEqual([false, false]);

      const states = watched.states();
      expect(states[states.indexOf('restarting.deciding') - 1]).toBe(lastState);
      expect(watched.all('process-death')).toHaveLength(1);
      await watched.stopsCleanly();
    },
  );

  it('is stopped with its grandchildren, even with those that ignore SIGTERM', async () => {
    const config = serverConfig(
      { grandchildren: 2, grandchildrenIgnoreTerm: true },
      { process: { stopTimeout: 300 } },
    );
    const watched = await watch(config).run();
    // One that is just becoming another program shows no environment, by which it is found.
    await eventually(() => watched.processes().length === 3, 'the server and its two grandchildren');
    await watched.stopsCleanly();
    expect(watched.states().slice(-3)).toEqual(['stopping.terminating', 'stopping.killing', 'stopped']);
  });

  it('is given its grace when a shell ends before the server that it wraps', async () => {
    const server = ['"$0"', ...serverArgs({ termDelay: 600 }).map((arg) => `'${arg}'`)].join(' ');
    // A second command keeps the shell from replacing itself with the server.
    const config = shellConfig(`${server}; echo after`, {
      process: { args: ['-c', `${server}; echo after`, process.execPath] },
    });
    const watched = await watch(config).run();
    expect(watched.processes()).toHaveLength(2);
    await watched.stopsCleanly();
    // The server said so and came to its own end; nobody was killed.
    await watched.printed('shutting down');
    expect(watched.states().slice(-2)).toEqual(['stopping.terminating', 'stopped']);
    expect(watched.sidecar.history().at(-1)?.cause).toEqual({ type: 'group-empty' });
  });

  it('is ended when its leader forks and exits, and the message says to stay in the foreground', async () => {
    const watched = watch(serverConfig({ daemonize: true }, { process: { maxRestarts: 0 } })).start();
    const { cause, exit } = await watched.next('stopped');
    expect(cause).toMatchObject({ type: 'exited', survivors: 1 });
    expect(exit).toMatchObject({ code: 0, signal: null });
    watched.leavesNothing();
    expect(String(await watched.started)).toMatch(
      /exited with code 0 and left 1 of its group behind \(a sidecar must stay in the foreground\)/,
    );
  });

  it('does not wait for who has a session of its own, and ends it afterwards', async () => {
    const watched = await watch(serverConfig({ setsidGrandchild: true })).run();
    const [escaped = 0] = await grandchildrenOf(watched, 1);
    let wasAlive = false;
    watched.sidecar.on('stopped', () => {
      wasAlive = isAlive(escaped);
    });
    await watched.sidecar.stop();
    expect(wasAlive).toBe(true);
    await eventually(() => watched.processes().length === 0, 'the end of who left the group');
  });

  it('does not wait for the output that an escaped grandchild holds open', async () => {
    const watched = await watch(serverConfig({ setsidGrandchild: true })).run();
    const [escaped = 0] = await grandchildrenOf(watched, 1);
    let wasAlive = false;
    watched.sidecar.on('process-death', () => {
      wasAlive = isAlive(escaped);
    });
    process.kill(watched.pid, 'SIGKILL');
    await watched.next('healthy', ({ generation }) => generation === 2);
    expect(wasAlive).toBe(true);
    await watched.sidecar.stop();
    await eventually(() => watched.processes().length === 0, 'the end of both who left their groups');
  });
});

async function grandchildrenOf(watched: WatchedSidecar, count: number): Promise<number[]> {
  const lines = await watched.printed(/^grandchild \d+$/, count);
  return lines.map((line) => Number(line.replace('grandchild ', '')));
}
