import { describe, expect, it } from 'vitest';
import { explainTransition } from '../../src/index.js';
import { serverConfig, shellConfig } from '../support/server-config.js';
import { watch } from '../support/watched-sidecar.js';

describe('a process that ends by itself', () => {
  it('is restarted after a crash, and the exit code is the cause', async () => {
    const watched = await watch(serverConfig()).run();
    const first = watched.pid;
    await watched.control('exitCode=3').catch(() => {});

    const death = await watched.next('process-death');
    expect(death).toMatchObject({ pid: first, code: 3, signal: null, generation: 1 });
    const scheduled = await watched.next('restart-scheduled');
    expect(scheduled).toMatchObject({
      attempt: 1,
      cause: { type: 'exited', exit: { code: 3 }, survivors: 0 },
    });
    const record = await watched.entered('restarting.backingOff');
    expect(explainTransition(record)).toMatch(
      new RegExp(`^restart 1 of 5 in 10 min, in \\d+ ms: process ${first} exited with code 3$`),
    );
    await watched.next('healthy', ({ generation }) => generation === 2);
    expect(watched.pid).not.toBe(first);
    await watched.stopsCleanly();
  });

  it('is restarted after kill -9, and the signal is the cause', async () => {
    const watched = await watch(serverConfig()).run();
    const first = watched.pid;
    process.kill(first, 'SIGKILL');

    const death = await watched.next('process-death');
    expect(death).toMatchObject({ pid: first, code: null, signal: 'SIGKILL' });
    expect(death.tail.join('\n')).toContain('listening on http://127.0.0.1:');
    const record = await watched.entered('restarting.backingOff');
    expect(explainTransition(record)).toContain(`process ${first} was ended by SIGKILL`);
    await watched.next('healthy');
    await watched.stopsCleanly();
  });

  it('is restarted after a clean exit, too', async () => {
    const watched = await watch(serverConfig()).run();
    await watched.control('exitCode=0').catch(() => {});
    const { cause } = await watched.next('restart-scheduled');
    expect(cause).toMatchObject({ type: 'exited', exit: { code: 0, signal: null } });
    await watched.next('healthy');
    await watched.stopsCleanly();
  });

  it('stays stopped with the reason "exited" when autoRestart is off', async () => {
    const watched = await watch(serverConfig({}, { process: { autoRestart: false } })).run();
    await watched.control('exitCode=7').catch(() => {});
    const stopped = await watched.next('stopped');
    expect(stopped).toMatchObject({ reason: 'exited', exit: { code: 7 }, cause: { type: 'exited' } });
    watched.leavesNothing();
  });

  it('uses up the budget when it exits before it ever listens', async () => {
    const watched = watch(
      serverConfig({ stderrThenExit: 'no such database', exitCode: 4 }, { process: { maxRestarts: 2 } }),
    ).start();
    const { restarts, cause } = await watched.next('restarts-exhausted');
    expect(restarts).toBe(2);
    expect(cause).toMatchObject({ type: 'exited', exit: { code: 4, tail: ['no such database'] } });
    const stopped = await watched.next('stopped');
    expect(stopped.reason).toBe('restarts-exhausted');
    watched.leavesNothing();

    const error = await watched.started;
    expect(error).toMatchObject({ name: 'SidecarStartError', reason: 'restarts-exhausted' });
    expect(String(error)).toMatch(/the restart budget is used up: process \d+ exited with code 4/);
    expect(String(error)).toContain('  | no such database');
    expect(watched.all('process-death').map(({ generation }) => generation)).toEqual([1, 2, 3]);
    expect(watched.all('healthy')).toEqual([]);
  });

  it('is replaced when it is not healthy within startupTimeout', async () => {
    const watched = watch(
      serverConfig({ neverListen: true }, { healthCheck: { startupTimeout: 1000, timeout: 500 } }),
    ).start();
    const { pid } = await watched.next('spawned');
    const record = await watched.entered('restarting.terminating');
    expect(explainTransition(record)).toMatch(
      /^it was not healthy within 1 s; GET http:\/\/127\.0\.0\.1:\d+\/health failed: connect ECONNREFUSED/,
    );
    const { cause } = await watched.next('restart-scheduled');
    expect(cause).toMatchObject({ type: 'timeout', timeout: 'startupTimeout' });
    const again = await watched.next('spawned');
    expect(again.pid).not.toBe(pid);
    expect(watched.processes().map((found) => found.pid)).toEqual([again.pid]);
    await watched.stopsCleanly();
  });

  it('may be a program that only answers after a while', async () => {
    const watched = await watch(serverConfig({ listenAfter: 700 })).run();
    const failed = watched.all('health-checked').filter(({ report }) => !report.passed);
    expect(failed.length).toBeGreaterThan(0);
    expect(watched.states()).toEqual(['compiling', 'spawning', 'waitingHealthy', 'running']);
    await watched.stopsCleanly();
  });

  it('has its last line in the tail even when the output ends without a newline', async () => {
    const watched = watch(
      shellConfig("printf 'one\\ntwo\\nlast words'; exit 5", { process: { maxRestarts: 0 } }),
    );
    watched.start();
    const { exit } = await watched.next('stopped');
    expect(exit).toMatchObject({ code: 5, tail: ['one', 'two', 'last words'] });
  });

  it('keeps only the last tailLines lines', async () => {
    const script = 'for i in 1 2 3 4 5; do echo $i; done; exit 1';
    const watched = watch(shellConfig(script, { process: { maxRestarts: 0, tailLines: 2 } })).start();
    const { exit } = await watched.next('stopped');
    expect(exit?.tail).toEqual(['4', '5']);
    expect(watched.lines()).toEqual(['1', '2', '3', '4', '5']);
  });
});
