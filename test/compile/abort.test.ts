import { describe, expect, it, onTestFinished } from 'vitest';
import { compilerConfig } from '../support/compile-config.js';
import { canListProcesses } from '../support/processes.js';
import { tempFolder } from '../support/temp-folder.js';
import { watch } from '../support/watched-sidecar.js';
import { eventually } from '../support/within.js';

if (!canListProcesses) console.log('Not checked here: whether compilers survive (needs /proc).');

describe('a compilation that is ended', () => {
  it.each([
    ['hangs', ['--hang']],
    ['has a grandchild', ['--hang', '--grandchild']],
    ['ignores SIGTERM with its grandchild', ['--hang', '--ignoreTerm', '--grandchild']],
  ])('by its timeout when it %s: all is gone', async (_, args) => {
    const watched = watch(compilerConfig(args, { timeout: 1000 })).start();
    const { failure } = await watched.next('compile-failed');
    // At this very moment, not some time later.
    watched.leavesNothing();
    expect(failure.kind).toBe('timeout');
    expect(failure.message).toMatch(/did not end within 1000 ms$/);
    await watched.next('stopped', ({ reason }) => reason === 'compile-failed');
  });

  it.each([
    ['hangs', ['--hang']],
    ['ignores SIGTERM with its grandchild', ['--hang', '--ignoreTerm', '--grandchild']],
  ])('by STOP when it %s: all is gone', async (_, args) => {
    const watched = watch(compilerConfig(args)).start();
    await watched.printed('hanging');
    await watched.sidecar.stop();
    expect(watched.sidecar.status()).toMatchObject({ state: 'stopped', reason: 'requested' });
    // STOP does not wait for the compiler, which has a grace period of 2 s.
    await eventually(() => watched.processes().length === 0, 'the end of the compiler');
    expect(watched.states()).toEqual(['compiling', 'stopped']);
    expect(watched.all('compile-failed')).toEqual([]);
  });

  it('leaves nothing behind when it ends by itself with a grandchild', async () => {
    const watched = await watch(compilerConfig(['--grandchild'])).run();
    const own = watched.processes().filter(({ pid }) => pid !== watched.pid);
    expect(own).toEqual([]);
    await watched.stopsCleanly();
  });

  it('by its timeout even when something that escaped holds its output open', async () => {
    const args = ['-c', 'setsid sleep 60 & echo escaped $!; exec sleep 60'];
    const watched = watch(compilerConfig([], { command: 'sh', args, timeout: 1000 })).start();
    onTestFinished(() => {
      for (const { pid } of watched.processes()) process.kill(pid, 'SIGKILL');
    });
    const { failure } = await watched.next('compile-failed', () => true, 15_000);
    expect(failure.kind).toBe('timeout');
  });

  it('is over when the compiler ends, even when something that escaped holds its output open', async () => {
    // As a build daemon does that the compiler starts for the next time.
    const script = 'setsid sh -c "touch escaped; exec sleep 60" & until [ -e escaped ]; do sleep 0.02; done';
    const compile = { command: 'sh', args: ['-c', script], cwd: await tempFolder() };
    const watched = watch(compilerConfig([], compile)).start();
    onTestFinished(() => {
      for (const { pid } of watched.processes()) process.kill(pid, 'SIGKILL');
    });
    await watched.next('compiled', () => true, 15_000);
    await watched.sidecar.stop();
  });

  it('by RESTART is followed by another, never two at a time', async () => {
    const watched = watch(compilerConfig(['--hang', '--ignoreTerm', '--lines=1'])).start();
    await watched.printed('hanging', 1);
    const [first] = watched.processes();
    watched.sidecar.actor.send({ type: 'RESTART' });
    await watched.printed('hanging', 2);
    if (canListProcesses) {
      expect(watched.processes()).toHaveLength(1);
      expect(watched.processes()[0]?.pid).not.toBe(first?.pid);
    }
    watched.sidecar.actor.send({ type: 'STOP' });
    await eventually(() => watched.processes().length === 0, 'the end of the compiler');
  });
});
