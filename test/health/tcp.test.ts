import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isItself } from '../../src/health/connect.js';
import { createTcpCheck } from '../../src/health/tcp.js';
import { checkedProcess, longDeadline } from '../support/checked-process.js';
import { serverConfig } from '../support/server-config.js';
import { watch } from '../support/watched-sidecar.js';

const hasIPv6 = Object.values(networkInterfaces())
  .flat()
  .some((address) => address?.address === '::1');
if (!hasIPv6) console.log('Skipped here: listeners on ::1, because this machine has none.');

async function listen(host = '127.0.0.1') {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => sockets.push(socket.resume())).listen(
    0,
    host,
  );
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('it listens on no port');
  return { server, port: address.port };
}

const at = (port: number, host = '127.0.0.1') => checkedProcess({ transport: 'http', host, port });

describe('the check of a port', () => {
  it('passes when something accepts, and hangs up at once', async () => {
    const { server, port } = await listen();
    const check = createTcpCheck({ type: 'tcp' }, at(port));
    expect(check.name).toBe(`connect to 127.0.0.1:${port}`);
    for (let times = 0; times < 20; times += 1) {
      const [[connection]] = await Promise.all([once(server, 'connection'), check.run(longDeadline())]);
      if (!connection.readableEnded) await once(connection, 'end');
    }
  });

  it('fails when nobody listens', async () => {
    const { server, port } = await listen();
    server.close();
    await once(server, 'close');
    await expect(createTcpCheck({ type: 'tcp' }, at(port)).run(longDeadline())).rejects.toThrow(
      'ECONNREFUSED',
    );
  });

  it.each(['127.0.0.1', ...(hasIPv6 ? ['::1'] : [])])('of localhost finds %s', async (host) => {
    const { port } = await listen(host);
    await createTcpCheck({ type: 'tcp' }, at(port, 'localhost')).run(longDeadline());
  });

  it('may be another port, and another host', async () => {
    const { port } = await listen();
    await createTcpCheck({ type: 'tcp', port }, at(1)).run(longDeadline());
    await createTcpCheck({ type: 'tcp', host: '127.0.0.1', port }, checkedProcess(null)).run(longDeadline());
    const host = createTcpCheck({ type: 'tcp', host: '127.0.0.1' }, at(port, '127.0.0.2'));
    expect(host.name).toBe(`connect to 127.0.0.1:${port}`);
    await host.run(longDeadline());
  });

  it('can not be made for a Unix socket, or before the sidecar has said where it listens', () => {
    const socket = checkedProcess({ transport: 'ipc', socketPath: '/run/a.sock' });
    expect(() => createTcpCheck({ type: 'tcp' }, socket)).toThrow('it listens on a Unix socket');
    expect(() => createTcpCheck({ type: 'tcp', port: 80 }, socket)).toThrow("port 80 can't be checked");
    expect(() => createTcpCheck({ type: 'tcp', port: 80 }, checkedProcess(null))).toThrow(
      'it has not said yet where it listens',
    );
  });

  it('gives up when its signal aborts, with its reason', async () => {
    const { port } = await listen();
    const gone = AbortSignal.abort(new Error('enough'));
    await expect(createTcpCheck({ type: 'tcp' }, at(port)).run(gone)).rejects.toThrow('enough');
  });

  it('knows a connection to itself, which the system makes when nobody listens', async () => {
    const { server, port } = await listen();
    const ordinary = connect({ host: '127.0.0.1', port });
    await once(ordinary, 'connect');
    expect(isItself(ordinary)).toBe(false);
    ordinary.destroy();
    server.close();
    const { port: free } = await listen().then(async (other) => {
      other.server.close();
      await once(other.server, 'close');
      return other;
    });
    const itself = connect({ host: '127.0.0.1', port: free, localAddress: '127.0.0.1', localPort: free });
    await once(itself, 'connect');
    expect(isItself(itself)).toBe(true);
    itself.destroy();
  });

  it('makes a sidecar healthy', async () => {
    const watched = await watch(serverConfig({}, { healthCheck: { liveness: { type: 'tcp' } } })).run();
    expect((await watched.next('health-checked')).report.check).toBe(
      `connect to ${watched.origin.replace('http://', '')}`,
    );
    await watched.stopsCleanly();
  });
});
