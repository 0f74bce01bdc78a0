import { describe, expect, it } from 'vitest';
import { createSidecar, SidecarStartError } from '../../src/index.js';
import { compilerConfig } from '../support/compiler-config.js';
import { rejection } from '../support/outcome.js';
import { serverConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { watch } from '../support/watched-sidecar.js';

async function startError(call: Promise<void>): Promise<SidecarStartError> {
  const error = await rejection(call);
  expect(error).toBeInstanceOf(SidecarStartError);
  if (error instanceof SidecarStartError) return error;
  throw error;
}

describe('start() rejects', () => {
  it('when the process crashes once too often: with the reason, the exit and the last lines', async () => {
    const server = { stderrThenExit: 'no database', exitCode: 3 };
    const watched = watch(serverConfig(server, { name: 'api', process: { maxRestarts: 1 } }));
    const error = await startError(watched.sidecar.start());
    expect(error).toMatchObject({
      name: 'SidecarStartError',
      reason: 'restarts-exhausted',
      exit: { code: 3, signal: null, tail: ['no database'] },
      tail: ['no database'],
      trouble: { type: 'exited' },
    });
    expect(error.message).toContain('"api" did not start');
    expect(error.message).toContain('exited with code 3');
    expect(error.message).toContain('| no database');
    expect(watched.all('spawned')).toHaveLength(2);
    watched.leavesNothing();
  });

  it('when it ends by itself and autoRestart is off', async () => {
    const config = serverConfig({ exitAfter: 0, neverListen: true }, { process: { autoRestart: false } });
    const error = await startError(watch(config).sidecar.start());
    expect(error).toMatchObject({ reason: 'exited', exit: { code: 0, signal: null } });
  });

  it('when a signal ended it', async () => {
    const server = { exitAfter: 0, exitSignal: 'SIGABRT', neverListen: true };
    const error = await startError(
      watch(serverConfig(server, { process: { maxRestarts: 0 } })).sidecar.start(),
    );
    expect(error).toMatchObject({ reason: 'restarts-exhausted', exit: { code: null, signal: 'SIGABRT' } });
    expect(error.message).toContain('SIGABRT');
  });

  it('when it never becomes healthy: with what the last check said', async () => {
    const watched = watch(
      serverConfig(
        { health: '503' },
        { process: { maxRestarts: 0 }, healthCheck: { startupTimeout: 1000, timeout: 500 } },
      ),
    );
    const error = await startError(watched.sidecar.start());
    expect(error).toMatchObject({
      reason: 'restarts-exhausted',
      trouble: { type: 'timeout', timeout: 'startupTimeout', after: 1000 },
    });
    expect(error.message).toContain('status 503');
    watched.leavesNothing();
  });

  it('when the program does not exist: at once, with its name', async () => {
    const watched = watch(serverConfig({}, { process: { command: 'no-such-program-anywhere' } }));
    const error = await startError(watched.sidecar.start());
    expect(error).toMatchObject({
      reason: 'spawn-failed',
      exit: null,
      tail: [],
      trouble: { type: 'spawn-failed', failure: { code: 'ENOENT', permanent: true } },
    });
    expect(error.message).toContain('no-such-program-anywhere');
    expect(watched.states()).not.toContain('restarting.backingOff');
  });

  it('when the folder does not exist: with the folder, not with the program', async () => {
    const error = await startError(
      watch(serverConfig({}, { process: { cwd: '/no/such/folder' } })).sidecar.start(),
    );
    expect(error.reason).toBe('spawn-failed');
    expect(error.message).toContain('process.cwd /no/such/folder');
  });

  it('when the compilation fails: with the compiler’s exit code and last lines, and nothing is spawned', async () => {
    const compile = compilerConfig({ message: 'main.ft:3: unexpected }', exitCode: 2 });
    const watched = watch(serverConfig({}, { compile }));
    const error = await startError(watched.sidecar.start());
    expect(error).toMatchObject({
      reason: 'compile-failed',
      exit: null,
      tail: ['main.ft:3: unexpected }'],
      trouble: { type: 'compile-failed', failure: { kind: 'failed', exitCode: 2 } },
    });
    expect(error.message).toContain('| main.ft:3: unexpected }');
    expect(watched.all('spawned')).toEqual([]);
  });

  it('when the compiler does not exist: naming it, and how to set another', async () => {
    const compile = { command: 'no-such-compiler' };
    const error = await startError(watch(serverConfig({}, { compile })).sidecar.start());
    expect(error.reason).toBe('compile-failed');
    expect(error.message).toContain('"no-such-compiler" was not found');
    expect(error.message).toContain('compile.command');
  });

  it('and can be called again, which begins with a full budget', async () => {
    const config = serverConfig({ stderrThenExit: 'no' }, { process: { maxRestarts: 1, restartDelay: 1 } });
    const watched = watch(config);
    await startError(watched.sidecar.start());
    await startError(watched.sidecar.start());
    expect(watched.all('spawned')).toHaveLength(4);
  });

  it('when its environment can’t be made', async () => {
    const env = () => {
      throw new Error('the vault is closed');
    };
    const error = await startError(
      watch(serverConfig({}, { process: { env, maxRestarts: 0 } })).sidecar.start(),
    );
    expect(error.message).toContain('the vault is closed');
  });

  it('to all who wait', async () => {
    const { sidecar } = watch(serverConfig({ stderrThenExit: 'no' }, { process: { maxRestarts: 0 } }));
    const errors = await Promise.all([1, 2, 3].map(() => startError(sidecar.start())));
    expect(errors.map(({ reason }) => reason)).toEqual(Array(3).fill('restarts-exhausted'));
  });
});

describe('start() with a signal', () => {
  it('that is aborted already rejects with its reason, and starts nothing', async () => {
    const { sidecar, events } = watch(serverConfig());
    const reason = new Error('too late');
    expect(await rejection(sidecar.start({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(events).toEqual([]);
    expect(sidecar.status()).toMatchObject({ state: 'stopped', since: null });
  });

  it.each([
    ['compiling', serverConfig({}, { compile: compilerConfig({ hang: true }) })],
    ['waitingHealthy', serverConfig({ neverListen: true })],
  ] as const)('that is aborted in %s: rejects with its reason once it is stopped', async (state, config) => {
    const watched = watch(config);
    const controller = new AbortController();
    const start = rejection(watched.sidecar.start({ signal: controller.signal }));
    await watched.entered(state);
    const reason = new Error('not needed any more');
    controller.abort(reason);
    expect(await start).toBe(reason);
    expect(watched.sidecar.status()).toMatchObject({ state: 'stopped', reason: 'requested', pid: null });
  });

  it('that times out rejects with the TimeoutError', async () => {
    const { sidecar } = watch(serverConfig({ neverListen: true }));
    expect(await rejection(sidecar.start({ signal: AbortSignal.timeout(50) }))).toMatchObject({
      name: 'TimeoutError',
    });
  });

  it('that is aborted once it runs: it runs on', async () => {
    const watched = watch(serverConfig());
    const controller = new AbortController();
    await watched.sidecar.start({ signal: controller.signal });
    controller.abort();
    expect(watched.sidecar.status().state).toBe('running');
    expect(await watched.sidecar.isHealthy()).toBe(true);
  });

  it('that is aborted tells others who wait that it was stopped', async () => {
    const watched = watch(serverConfig({ neverListen: true }));
    const controller = new AbortController();
    const mine = rejection(watched.sidecar.start({ signal: controller.signal }));
    const others = rejection(watched.sidecar.start());
    await watched.entered('waitingHealthy');
    controller.abort();
    expect(await mine).toMatchObject({ name: 'AbortError' });
    expect(await others).toMatchObject({ name: 'SidecarStartError', reason: 'requested' });
  });

  it('that is aborted while an old process still stops: it is not started again', async () => {
    const watched = await watch(serverConfig({ termDelay: 100 })).run();
    const controller = new AbortController();
    const stop = watched.sidecar.stop();
    const start = rejection(watched.sidecar.start({ signal: controller.signal }));
    controller.abort();
    expect(await start).toMatchObject({ name: 'AbortError' });
    await stop;
    expect(watched.sidecar.status()).toMatchObject({ state: 'stopped', generation: 1 });
  });
});

describe('createSidecar()', () => {
  it('starts nothing by itself', async () => {
    const sidecar = createSidecar({ process: { command: 'touch', args: ['made'], cwd: await tempFolder() } });
    expect(sidecar.status()).toMatchObject({ state: 'stopped', since: null, pid: null, generation: 0 });
    expect(sidecar.history()).toEqual([]);
  });
});
