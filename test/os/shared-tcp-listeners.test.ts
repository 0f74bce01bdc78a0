import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { recentTcpListeners, sharedTcpListeners } from '../../src/os/shared-tcp-listeners.js';

async function listen(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it listens on no port');
  return address.port;
}

describe.runIf(process.platform === 'linux')('a shared look at who listens on TCP', () => {
  it('is one for all who ask at the same time, and not one that has begun before', async () => {
    const first = await listen();
    const looks = Array.from({ length: 5 }, sharedTcpListeners);
    expect(new Set(await Promise.all(looks)).size).toBe(1);
    const early = sharedTcpListeners();
    // It begins in the next microtask; then somebody comes who has a reason to ask anew.
    await Promise.resolve();
    await Promise.resolve();
    const second = await listen();
    const late = await sharedTcpListeners();
    expect((await early).map(({ port }) => port)).toContain(first);
    expect(late.map(({ port }) => port)).toEqual(expect.arrayContaining([first, second]));
    expect(recentTcpListeners()).toBe(late);
    expect(recentTcpListeners(performance.now())).toEqual([]);
  });
});
