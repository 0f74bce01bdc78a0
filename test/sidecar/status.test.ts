import { describe, expect, it } from 'vitest';
import { noTotals } from '../../src/client/totals.js';
import { compilerConfig } from '../support/compiler-config.js';
import { outcome, rejection } from '../support/outcome.js';
import { serverConfig } from '../support/server-config.js';
import { watch } from '../support/watched-sidecar.js';

describe('status()', () => {
  it.each([
    ['with a compile step', { compile: compilerConfig() }],
    ['without one', {}],
  ])('before the first start says that nothing has happened, %s', (_, sections) => {
    const { sidecar } = watch(serverConfig({}, { name: 'api', ...sections }));
    expect(sidecar.status()).toEqual({
      name: 'api',
      state: 'stopped',
      since: null,
      reason: null,
      trouble: null,
      generation: 0,
      pid: null,
      endpoint: null,
      statusText: null,
      health: { last: null, passes: 0, failures: 0, failedAt: [], checks: [] },
      readiness: { last: null, passes: 0, failures: 0, failedAt: [], checks: [], isReady: false },
      client: {
        inFlight: 0,
        waiting: 0,
        circuit: 'closed',
        waits: { count: 0, duration: 0 },
        totals: noTotals,
      },
      resources: null,
      restarts: { used: 0, max: 5, window: 600_000 },
    });
  });

  it('in running has the process, its address and its health', async () => {
    const startedAt = Date.now();
    const watched = await watch(serverConfig()).run();
    const status = watched.sidecar.status();
    expect(status).toMatchObject({
      state: 'running',
      generation: 1,
      reason: null,
      trouble: null,
      endpoint: { transport: 'http', host: '127.0.0.1', port: expect.any(Number) },
      health: {
        last: { passed: true, check: `GET ${watched.origin}/health` },
        failures: 0,
        // What it failed with before it listened is kept, if it was asked then.
        checks: [{ passed: true, check: `GET ${watched.origin}/health`, failures: 0 }],
      },
      readiness: { last: null, isReady: true },
    });
    expect(status.pid).toBe(watched.all('spawned')[0]?.pid);
    // Another clock, which may differ by a little.
    expect(status.since).toBeGreaterThan(startedAt - 1000);
    expect(status.since).toBeLessThan(Date.now() + 1000);
  });

  it('after a crash says what is wrong and how much of the budget is used', async () => {
    const watched = await watch(
      serverConfig({}, { process: { restartDelay: 60_000, maxRestarts: 7, restartWindow: 100_000 } }),
    ).run();
    process.kill(watched.pid, 'SIGKILL');
    await watched.entered('restarting.backingOff');
    expect(watched.sidecar.status()).toMatchObject({
      state: 'restarting.backingOff',
      pid: null,
      endpoint: null,
      readiness: { isReady: false },
      trouble: { type: 'exited', exit: { signal: 'SIGKILL' } },
      restarts: { used: 1, max: 7, window: 100_000 },
    });
  });

  it('in stopped has the reason', async () => {
    const watched = watch(serverConfig({}, { compile: compilerConfig({ exitCode: 4 }) }));
    await rejection(watched.sidecar.start());
    expect(watched.sidecar.status()).toMatchObject({
      state: 'stopped',
      reason: 'compile-failed',
      trouble: { type: 'compile-failed', failure: { exitCode: 4 } },
      pid: null,
      generation: 0,
    });
  });

  it('does not change when it is read, and a new one is made each time', async () => {
    const watched = await watch(serverConfig({}, { healthCheck: { interval: 60_000 } })).run();
    const status = watched.sidecar.status();
    expect(watched.sidecar.status()).toEqual(status);
    await watched.stopsCleanly();
    expect(status.state).toBe('running');
  });
});

describe('history()', () => {
  it('is empty before the first start', () => {
    expect(watch(serverConfig()).sidecar.history()).toEqual([]);
  });

  it('has every transition in order, each from where the last one went, with its cause', async () => {
    const watched = await watch(serverConfig({}, { compile: compilerConfig() })).run();
    process.kill(watched.pid, 'SIGKILL');
    await watched.next('healthy');
    await watched.stopsCleanly();
    const history = watched.sidecar.history();
    expect(history.map(({ to }) => to)).toEqual([
      'compiling',
      'spawning',
      'waitingHealthy',
      'running',
      'restarting.deciding',
      'restarting.backingOff',
      'spawning',
      'waitingHealthy',
      'running',
      'stopping.terminating',
      'stopped',
    ]);
    expect(history.map(({ from }) => from)).toEqual([null, ...history.slice(0, -1).map(({ to }) => to)]);
    expect(history.map(({ sequence }) => sequence)).toEqual(history.map((_, index) => index + 1));
    expect(history.map(({ cause }) => cause.type)).toEqual([
      'created',
      'compiled',
      'spawned',
      'healthy',
      'exited',
      'exited',
      'timeout',
      'spawned',
      'healthy',
      'command',
      'exited',
    ]);
    const times = history.map(({ time }) => time);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it('is what was emitted as it happened', async () => {
    const watched = await watch(serverConfig()).run();
    await watched.stopsCleanly();
    expect(watched.sidecar.history()).toEqual(watched.all('transition').map(({ record }) => record));
  });

  it.each([
    ['with a compile step', { compile: compilerConfig() }],
    ['without one', {}],
  ])('begins when it is started, not when it was made, %s', async (_, sections) => {
    const watched = watch(serverConfig({}, sections));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const startedAt = performance.timeOrigin + performance.now();
    await watched.run();
    expect(watched.sidecar.history()[0]?.time).toBeGreaterThanOrEqual(startedAt);
  });

  it('keeps the last hundred', async () => {
    const watched = watch(
      serverConfig(
        { stderrThenExit: 'no' },
        { process: { command: 'true', maxRestarts: 50, restartDelay: 0 } },
      ),
    );
    await rejection(watched.sidecar.start());
    const history = watched.sidecar.history();
    expect(history).toHaveLength(100);
    expect(history.at(-1)).toMatchObject({ to: 'stopped', decision: { reason: 'restarts-exhausted' } });
    expect(history.at(-1)?.sequence).toBeGreaterThan(150);
  });

  it('can still be read after it was given up', async () => {
    const watched = await watch(serverConfig()).run();
    await outcome(watched.sidecar[Symbol.asyncDispose]());
    expect(watched.sidecar.history().at(-1)?.to).toBe('stopped');
    expect(watched.sidecar.status()).toMatchObject({ state: 'stopped', reason: 'requested', pid: null });
  });
});
