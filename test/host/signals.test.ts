import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { compilerConfig } from '../support/compiler-config.js';
import { serverConfig } from '../support/server-config.js';
import { HostProcess } from './host-process.js';

/** A signal that comes again within half a second was passed on twice, by the terminal and by npm. */
const LONGER_THAN_THE_SAME_SIGNAL = 600;

const graceful = serverConfig({ termDelay: 100 });
const stubborn = serverConfig({ ignoreTerm: true }, { process: { stopTimeout: 60_000 } });

describe('a signal to a host that does not listen to it', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s stops the sidecar in good order, and then ends the host',
    async (signal) => {
      const host = new HostProcess({ config: graceful, does: 'stay' });
      await host.printed('ready');
      host.signal(signal);
      expect(await host.ended()).toEqual({ code: null, signal });
      expect(host.lines).toContain('process: shutting down');
      expect(host.lines.slice(-3)).toContain('state stopped');
    },
  );

  it('does so beside signal-exit, which waits for all other listeners to be gone', async () => {
    const host = new HostProcess({ config: graceful, does: 'stay', signalExit: true });
    await host.printed('ready');
    host.signal('SIGTERM');
    expect(await host.ended()).toEqual({ code: null, signal: 'SIGTERM' });
    expect(host.lines).toContain('process: shutting down');
  });

  it('kills what does not end within its grace period', async () => {
    const config = serverConfig({ ignoreTerm: true }, { process: { stopTimeout: 100 } });
    const host = new HostProcess({ config, does: 'stay' });
    await host.printed('ready');
    host.signal('SIGTERM');
    expect(await host.ended()).toEqual({ code: null, signal: 'SIGTERM' });
    expect(host.lines).toContain('state stopping.killing');
  });

  it('another one ends all at once', async () => {
    const host = new HostProcess({ config: stubborn, does: 'stay' });
    await host.printed('ready');
    host.signal('SIGINT');
    await host.printed('state stopping.terminating');
    host.signal('SIGTERM');
    expect(await host.ended()).toEqual({ code: null, signal: 'SIGTERM' });
  });

  it('the same one again, as from a person who has lost patience, ends all at once', async () => {
    const host = new HostProcess({ config: stubborn, does: 'stay' });
    await host.printed('ready');
    host.signal('SIGINT');
    await host.printed('state stopping.terminating');
    await wait(LONGER_THAN_THE_SAME_SIGNAL);
    host.signal('SIGINT');
    expect(await host.ended()).toEqual({ code: null, signal: 'SIGINT' });
  });

  it('the same one again at once, as under `npm start`, is one', async () => {
    const host = new HostProcess({ config: graceful, does: 'stay' });
    await host.printed('ready');
    host.signal('SIGINT');
    await host.printed('state stopping.terminating');
    host.signal('SIGINT');
    expect(await host.ended()).toEqual({ code: null, signal: 'SIGINT' });
    expect(host.lines).toContain('process: shutting down');
    expect(host.lines.slice(-3)).toContain('state stopped');
  });

  it('while it compiles ends the compiler and what that started', async () => {
    const compile = compilerConfig({ hang: true, grandchild: true });
    const host = new HostProcess({ config: serverConfig({}, { compile }), wait: false, does: 'stay' });
    await host.printed('compile: hanging');
    host.signal('SIGINT');
    expect(await host.ended()).toEqual({ code: null, signal: 'SIGINT' });
  });

  it('while the sidecar starts ends it', async () => {
    const host = new HostProcess({ config: serverConfig({ neverListen: true }), wait: false, does: 'stay' });
    await host.printed('state waitingHealthy');
    host.signal('SIGINT');
    expect(await host.ended()).toEqual({ code: null, signal: 'SIGINT' });
    expect(host.lines).toContain('state stopped');
  });

  it('while it waits to restart ends the wait', async () => {
    const config = serverConfig({ stderrThenExit: 'no' }, { process: { restartDelay: 60_000 } });
    const host = new HostProcess({ config, wait: false, does: 'stay' });
    await host.printed('state restarting.backingOff');
    host.signal('SIGINT');
    expect(await host.ended()).toEqual({ code: null, signal: 'SIGINT' });
  });

  it('once the sidecar is stopped has its usual effect', async () => {
    const config = serverConfig({ stderrThenExit: 'no' }, { process: { maxRestarts: 0 } });
    const host = new HostProcess({ config, wait: false, does: 'stay' });
    await host.printed('state stopped');
    host.signal('SIGINT');
    expect(await host.ended()).toEqual({ code: null, signal: 'SIGINT' });
  });
});

describe('a signal to a host that listens to it itself', () => {
  it.each([
    ['before the start', false],
    ['after it', true],
  ])('is left to its own plan, which may be process.exit() (it listens %s)', async (_, listenLate) => {
    const host = new HostProcess({ config: stubborn, does: 'stay', onSigint: 'exit', listenLate });
    await host.printed('ready');
    host.signal('SIGINT');
    expect(await host.ended()).toEqual({ code: 7, signal: null });
    expect(host.lines).not.toContain('state stopping.terminating');
  });

  it('which may be to stop the sidecar', async () => {
    const host = new HostProcess({ config: graceful, does: 'stay', onSigint: 'stop' });
    await host.printed('ready');
    host.signal('SIGINT');
    expect(await host.ended()).toEqual({ code: 0, signal: null });
    expect(host.lines).toContain('process: shutting down');
    expect(host.lines.at(-1)).toBe('stopped');
  });

  it('which may be to go on; other signals still end it', async () => {
    const host = new HostProcess({ config: graceful, does: 'stay', onSigint: 'ignore' });
    await host.printed('ready');
    host.signal('SIGINT');
    const checks = host.lines.filter((line) => line === 'checked').length;
    await host.printed('checked', checks + 2);
    expect(host.isRunning).toBe(true);
    host.signal('SIGTERM');
    expect(await host.ended()).toEqual({ code: null, signal: 'SIGTERM' });
    expect(host.lines).toContain('process: shutting down');
  });
});
