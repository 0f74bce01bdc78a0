import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { createSidecar } from '../../src/index.js';
import { releasePort, requireFreePort, reserveFreePort } from '../../src/process/port.js';
import { holdPort } from '../support/port-holder.js';
import { canListProcesses } from '../support/processes.js';
import { serverConfig } from '../support/server-config.js';
import { watch } from '../support/watched-sidecar.js';

const hasIPv6 = Object.values(networkInterfaces())
  .flat()
  .some((address) => address?.address === '::1');
if (!hasIPv6) console.log('Skipped here: addresses on ::1, because this machine has none.');

const NOBODY = 65_534;
const isRoot = process.geteuid?.() === 0;
const portsAreProtected = isPortProtected(81);
if (!portsAreProtected) console.log('Skipped here: a port that needs privileges, because none does.');

function isPortProtected(port: number): boolean {
  try {
    return port < Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'));
  } catch {
    return false;
  }
}

describe('a port', () => {
  it('that somebody holds is named with its holder, and taken once it is free', async () => {
    const holder = await holdPort('127.0.0.1');
    const config = serverConfig(
      {},
      { http: { host: '127.0.0.1', port: holder.port }, process: { restartDelay: 200, maxRestarts: 50 } },
    );
    const watched = watch(config).start();
    const { cause } = await watched.next('restart-scheduled');
    if (cause.type !== 'spawn-failed') throw new Error(`another cause: ${cause.type}`);
    expect(cause.failure).toMatchObject({ code: 'EADDRINUSE', permanent: false });
    const who = canListProcesses ? `by pid ${holder.pid} \\(${process.execPath} -e ` : 'by another process';
    expect(cause.failure.message).toMatch(new RegExp(`^port ${holder.port} is held ${who}`));
    expect(cause.failure.message).toContain('set http.port to another port (0 picks a free one)');
    // Nothing was started against the holder.
    expect(watched.all('spawned')).toEqual([]);
    watched.leavesNothing();

    await holder.end();
    await watched.next('healthy');
    expect(new URL(watched.origin).port).toBe(String(holder.port));
    await watched.stopsCleanly();
  });

  it('that stays held uses up the budget, and the error names the holder', async () => {
    const holder = await holdPort('127.0.0.1');
    const config = serverConfig(
      {},
      { http: { host: '127.0.0.1', port: holder.port }, process: { maxRestarts: 2 } },
    );
    const watched = watch(config).start();
    const stopped = await watched.next('stopped');
    expect(stopped.reason).toBe('restarts-exhausted');
    expect(String(await watched.started)).toContain(
      `the restart budget is used up: port ${holder.port} is held`,
    );
  });

  it.runIf(hasIPv6)('that is held on the other loopback family is held, too', async () => {
    const holder = await holdPort('::1');
    const config = serverConfig(
      {},
      { http: { host: 'localhost', port: holder.port }, process: { maxRestarts: 0 } },
    );
    const watched = watch(config).start();
    const { cause } = await watched.next('stopped');
    expect(cause).toMatchObject({ type: 'spawn-failed', failure: { code: 'EADDRINUSE' } });
    if (canListProcesses) expect(String(await watched.started)).toContain(`by pid ${holder.pid} (`);
  });

  it.runIf(hasIPv6)('is asked on ::1 when only that is configured', async () => {
    const watched = await watch(serverConfig({}, { http: { host: '::1', port: 0 } })).run();
    expect(watched.origin).toMatch(/^http:\/\/\[::1\]:\d+$/);
    await watched.printed(/^listening on http:\/\/::1:\d+$/);
    await watched.stopsCleanly();
  });

  it.each(['127.0.0.1', ...(hasIPv6 ? ['::1'] : [])])(
    'of localhost is found when the server only listens on %s',
    async (address) => {
      const config = serverConfig(
        {},
        { http: { host: 'localhost', port: 0 }, process: { env: { HOST: address } } },
      );
      const watched = await watch(config).run();
      await watched.printed(new RegExp(`^listening on http://${address}:`));
      await watched.stopsCleanly();
    },
  );

  it('0 is a new free port for each incarnation', async () => {
    const watched = await watch(serverConfig()).run();
    const first = watched.origin;
    process.kill(watched.pid, 'SIGKILL');
    await watched.next('healthy', ({ generation }) => generation === 2);
    const ports = watched
      .all('spawned')
      .map(({ endpoint }) => (endpoint?.transport === 'http' ? endpoint.port : 0));
    expect(ports).toHaveLength(2);
    expect(ports.every((port) => port > 0)).toBe(true);
    expect(watched.origin).not.toBe(first);
    await watched.stopsCleanly();
  });

  it('0 is never given twice to sidecars that start together', async () => {
    // What listens is not the matter here, so these are processes that start quickly and never do.
    const many = Array.from({ length: 30 }, () =>
      watch(serverConfig({}, { process: { command: 'sleep', args: ['300'] } })).start(),
    );
    const spawned = await Promise.all(many.map((watched) => watched.next('spawned')));
    const ports = spawned.map(({ endpoint }) => (endpoint?.transport === 'http' ? endpoint.port : 0));
    expect(new Set(ports).size).toBe(many.length);
    await Promise.all(many.map((watched) => watched.stopsCleanly()));
  });

  it('0 is never given twice, which the system by itself would do', async () => {
    const ports: number[] = [];
    for (let batch = 0; batch < 20; batch += 1) {
      ports.push(...(await Promise.all(Array.from({ length: 100 }, () => reserveFreePort('127.0.0.1')))));
    }
    expect(new Set(ports).size).toBe(2000);
    for (const port of ports) releasePort(port);
  });

  it('on an address that this machine does not have is an error for good', async () => {
    // TEST-NET-1: nobody has it.
    const watched = watch(serverConfig({}, { http: { host: '192.0.2.77', port: 0 } })).start();
    const { reason, cause } = await watched.next('stopped');
    expect(reason).toBe('spawn-failed');
    expect(cause).toMatchObject({
      failure: {
        code: 'EADDRNOTAVAIL',
        message: '192.0.2.77 is not an address of this machine; see http.host',
      },
    });
  });

  it.runIf(portsAreProtected)('that needs privileges is an error for good that says so', async () => {
    process.seteuid?.(isRoot ? NOBODY : (process.geteuid?.() ?? 0));
    try {
      await expect(requireFreePort('127.0.0.1', 81)).rejects.toMatchObject({
        failure: {
          code: 'EACCES',
          message: expect.stringContaining('port 81 needs privileges'),
          permanent: true,
        },
      });
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  it('on a name that can not be resolved is an error that says so', async () => {
    const watched = watch(
      serverConfig({}, { http: { host: 'no-such-host.invalid', port: 0 }, process: { maxRestarts: 0 } }),
    ).start();
    const { cause } = await watched.next('stopped');
    expect(cause).toMatchObject({
      type: 'spawn-failed',
      failure: { message: expect.stringContaining('no-such-host.invalid') },
    });
  });

  it('outside of the range is an error of the configuration', () => {
    expect(() => createSidecar(serverConfig({}, { http: { port: 65_536 } }))).toThrow(/http\.port/);
  });
});
