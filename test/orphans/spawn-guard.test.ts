import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { guardSpawn, watchdogPid } from '../../src/orphans/spawn-guard.js';
import { Watchdog } from '../../src/orphans/watchdog.js';
import { CASE_MARK, canListProcesses, findMarked, isAlive, killAll } from '../support/processes.js';
import { Host } from '../support/run-host.js';
import { eventually, within } from '../support/within.js';

/** A group of two, and a third process that has left it. */
const FAMILY = 'setsid sleep 300 & sleep 300 & echo up; wait';

/** A group that is nobody's to end but the watchdog's; the mark by which a test finds all of it. */
async function startFamily(environment: Readonly<Record<string, string>>, script = FAMILY) {
  const mark = randomUUID();
  const child = spawn('sh', ['-c', script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...environment, [CASE_MARK]: mark },
  });
  onTestFinished(() => {
    killAll(findMarked(CASE_MARK, mark));
  });
  return { child, pid: pidOf(child), mark, up: once(child.stdout, 'data') };
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('it could not be started');
  return pid;
}

describe.runIf(process.platform !== 'win32')('a process that is guarded', () => {
  it('is killed with its whole group when the host is, whatever it ignores, and without a mark', async () => {
    const mark = randomUUID();
    const script = "trap '' TERM HUP INT; env -u SIDECAR_MACHINE_ID sleep 300 & echo up; wait";
    const host = new Host('guarding-host', [script, 'guarded', mark]);
    const pid = Number(await host.said('guarded '));
    await host.said('up');
    host.signal('SIGKILL');
    await eventually(() => !isAlive(pid), 'the end of the leader', 5000);
    await eventually(() => findMarked(CASE_MARK, mark).length === 0, 'the end of the group', 5000);
  });

  it.runIf(canListProcesses)(
    'is found by its mark when the host could not tell which pid it got',
    async () => {
      const mark = randomUUID();
      const host = new Host('guarding-host', [FAMILY, 'only-announced', mark]);
      await host.said('up');
      expect(findMarked(CASE_MARK, mark)).toHaveLength(3);
      host.signal('SIGKILL');
      await eventually(() => findMarked(CASE_MARK, mark).length === 0, 'the end of all of them', 5000);
    },
  );

  it.runIf(canListProcesses)('goes on once it was released, though the host is killed', async () => {
    const mark = randomUUID();
    const host = new Host('guarding-host', ['sleep 300', 'released', mark]);
    onTestFinished(() => killAll([mark, `${mark}-other`].flatMap((each) => findMarked(CASE_MARK, each))));
    const pid = Number(await host.said('guarded '));
    const watchdog = Number(await host.said('watchdog 1: '));
    host.signal('SIGKILL');
    await eventually(() => !isAlive(watchdog), 'the end of the watchdog', 5000);
    expect(findMarked(CASE_MARK, `${mark}-other`)).toEqual([]);
    expect(isAlive(pid)).toBe(true);
  });

  it.runIf(canListProcesses)('is protected again at once when the watchdog itself is killed', async () => {
    const mark = randomUUID();
    const host = new Host('guarding-host', [FAMILY, 'guarded', mark]);
    await host.said('up');
    for (const count of [2, 3]) {
      process.kill(Number(await host.said(`watchdog ${count - 1}: `)), 'SIGKILL');
      await host.said(`watchdog ${count}: `);
    }
    expect(findMarked(CASE_MARK, mark)).toHaveLength(3);
    host.signal('SIGKILL');
    await eventually(() => findMarked(CASE_MARK, mark).length === 0, 'the end of all of them', 5000);
  });

  it.runIf(canListProcesses)('keeps its watchdog, whatever signal that is sent', async () => {
    await endOneStray();
    const first = watchdogPid();
    if (first === null) throw new Error('there is no watchdog');
    for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGPIPE'] as const) {
      process.kill(first, signal);
    }
    await endOneStray();
    expect(watchdogPid()).toBe(first);
  });
});

/** The watchdog answers nothing: what it does with a line is the proof that it has read those before. */
async function endOneStray(): Promise<void> {
  const guard = guardSpawn();
  const { pid, mark, up } = await startFamily(guard.environment, 'setsid sleep 300 & echo up');
  guard.protect(pid);
  await up;
  guard.endStrays();
  await eventually(() => findMarked(CASE_MARK, mark).length === 0, 'the end of what left the group');
}

describe.runIf(canListProcesses)('what has left the group of a process', () => {
  it('is asked to end once the group is gone, and killed if it does not', async () => {
    const guard = guardSpawn();
    // Up once it has left: before that, it would be killed with its group.
    const script = `setsid sh -c "trap '' TERM; sleep 300 & echo up; wait; wait" & wait`;
    const { pid, mark, up } = await startFamily(guard.environment, script);
    guard.protect(pid);
    await up;
    process.kill(-pid, 'SIGKILL');
    guard.endStrays();
    await eventually(() => findMarked(CASE_MARK, mark).length === 0, 'the end of what left the group');
  });

  it('may go on when it is not looked for, or has lost its mark', async () => {
    const guard = guardSpawn();
    const { pid, mark, up } = await startFamily(guard.environment, 'setsid sleep 300 & echo up');
    guard.protect(pid);
    await up;
    guard.release();
    const other = guardSpawn();
    const free = await startFamily(other.environment, 'env -u SIDECAR_MACHINE_ID setsid sleep 300 & echo up');
    other.protect(free.pid);
    await free.up;
    other.endStrays();
    await endOneStray();
    expect(findMarked(CASE_MARK, mark)).toHaveLength(1);
    expect(findMarked(CASE_MARK, free.mark)).toHaveLength(1);
  });
});

describe.runIf(canListProcesses)('a pid that is another process by now', () => {
  it('is left alone', async () => {
    const { pid, mark, up } = await startFamily({}, 'sleep 300 & echo up; wait');
    await up;
    const host = new Host('guarding-host', ['echo up; sleep 300', 'mistaken', String(pid)]);
    await host.said('up');
    const watchdog = Number(await host.said('watchdog '));
    host.signal('SIGKILL');
    // It has done what it had to.
    await eventually(() => !isAlive(watchdog), 'the end of the watchdog');
    expect(findMarked(CASE_MARK, mark)).toHaveLength(2);
  });
});

describe.runIf(process.platform !== 'win32')('the watchdog', () => {
  it('ends with what it watches, and not before', async () => {
    const watchdog = new Watchdog(50);
    const [one, other] = [watchdog.take().slot, watchdog.take().slot];
    const { pid } = watchdog;
    if (pid === null) throw new Error('there is no watchdog');
    watchdog.release(one);
    expect(isAlive(pid)).toBe(true);
    watchdog.release(other);
    await eventually(() => !isAlive(pid), 'the end of the watchdog');
    expect(watchdog.pid).toBeNull();
  });

  it('tells when there is no shell to run it, and keeps quiet about it when nothing is watched', async () => {
    const watchdog = new Watchdog(50, '/nowhere/sh');
    const told = new Promise<string>((resolve) => {
      watchdog.onUnprotected(resolve);
    });
    const { slot } = watchdog.take();
    expect(await within(told, () => 'the trouble')).toContain('ENOENT');
    watchdog.release(slot);
    expect(watchdog.pid).toBeNull();
  });
});
