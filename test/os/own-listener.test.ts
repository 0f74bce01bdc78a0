import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { isQuicklySeenOnPort, isQuicklySeenOnSocket } from '../../src/os/own-listener.js';
import { tempFolder } from '../support/temp-folder.js';

const isLinux = process.platform === 'linux';
if (!isLinux) console.log('Skipped here: who listens, because only Linux tells.');

/** The process that started the tests: it is there, and listens nowhere that they know of. */
const other = process.ppid;

async function isListening(server: Server): Promise<void> {
  onTestFinished(() => {
    server.close();
  });
  await once(server, 'listening');
}

it.runIf(isLinux)('the own listener on a port is seen, and no other', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await isListening(server);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  expect(isQuicklySeenOnPort(process.pid, '127.0.0.1', port)).toBe(true);
  expect(isQuicklySeenOnPort(other, '127.0.0.1', port)).toBe(false);
  server.close();
  expect(isQuicklySeenOnPort(process.pid, '127.0.0.1', port)).toBe(false);
});

it.runIf(isLinux)('the own listener on a Unix socket is seen, and no other', async () => {
  const path = join(await tempFolder(), 'a.sock');
  const server = createServer().listen(path);
  await isListening(server);
  expect(isQuicklySeenOnSocket(process.pid, path)).toBe(true);
  expect(isQuicklySeenOnSocket(other, path)).toBe(false);
  expect(isQuicklySeenOnSocket(process.pid, `${path}x`)).toBe(false);
  server.close();
  expect(isQuicklySeenOnSocket(process.pid, path)).toBe(false);
});
