import { describe, expect, it } from 'vitest';
import { compilerConfig } from '../support/compiler-config.js';
import { serverConfig } from '../support/server-config.js';
import { HostProcess } from './host-process.js';

/** Neither SIGTERM nor time would end it, and it has others in its group. */
const stubborn = serverConfig({ ignoreTerm: true, grandchildren: 1, grandchildrenIgnoreTerm: true });

describe('when its host ends, a sidecar ends with it', () => {
  it('by process.exit()', async () => {
    const host = new HostProcess({ config: stubborn, does: 'exit' });
    expect(await host.ended()).toEqual({ code: 7, signal: null });
    expect(host.lines).toContain('state running');
  });

  it('by an uncaught exception', async () => {
    const host = new HostProcess({ config: stubborn, does: 'throw' });
    expect(await host.ended()).toEqual({ code: 1, signal: null });
    expect(host.lines.join('\n')).toContain('uncaught in the host');
  });

  it('by an unhandled rejection', async () => {
    const host = new HostProcess({ config: stubborn, does: 'reject' });
    expect(await host.ended()).toEqual({ code: 1, signal: null });
    expect(host.lines.join('\n')).toContain('unhandled in the host');
  });

  it('because nothing else was left to do, with `unref`', async () => {
    const config = { ...stubborn, process: { ...stubborn.process, unref: true } };
    const host = new HostProcess({ config });
    expect(await host.ended()).toEqual({ code: 0, signal: null });
    expect(host.lines).toContain('main ends');
  });

  it('by process.exit() while it compiles', async () => {
    const compile = compilerConfig({ hang: true, grandchild: true, ignoreTerm: true });
    const host = new HostProcess({
      config: serverConfig({}, { compile }),
      wait: false,
      does: 'stay',
      onSigint: 'exit',
    });
    await host.printed('compile: hanging');
    host.signal('SIGINT');
    expect(await host.ended()).toEqual({ code: 7, signal: null });
  });
});

describe('`unref`', () => {
  it('off: the sidecar keeps its host alive', async () => {
    const host = new HostProcess({ config: serverConfig() });
    await host.printed('main ends');
    const checks = host.lines.filter((line) => line === 'checked').length;
    await host.printed('checked', checks + 3);
    expect(host.isRunning).toBe(true);
    host.signal('SIGTERM');
    expect(await host.ended()).toEqual({ code: null, signal: 'SIGTERM' });
  });

  it('on: what the host waits for is still done', async () => {
    const host = new HostProcess({
      config: serverConfig({ termDelay: 100, listenAfter: 100 }, { process: { unref: true } }),
      does: 'use',
    });
    expect(await host.ended()).toEqual({ code: 0, signal: null });
    expect(host.lines.filter((line) => line === 'state running')).toHaveLength(2);
    expect(host.lines).toContain('stopped');
  });
});

describe('a listener that throws', () => {
  it('is the host’s uncaught exception, and does the sidecar no harm', async () => {
    const host = new HostProcess({ config: serverConfig(), does: 'listen' });
    expect(await host.ended()).toEqual({ code: 0, signal: null });
    for (const line of ['caught thrown on healthy', 'caught thrown on stopped', 'stopped', 'main ends']) {
      expect(host.lines).toContain(line);
    }
  });
});
