import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { serverConfig } from '../support/server-config.js';
import { watch } from '../support/watched-sidecar.js';

it('a sidecar that is up is checked at its interval, and not whenever somebody connects to it', async () => {
  const watched = await watch(serverConfig({}, { healthCheck: { interval: 600_000 } })).run();
  const { hostname, port } = new URL(watched.origin);
  for (let connections = 0; connections < 20; connections += 1) {
    const socket = connect(Number(port), hostname);
    onTestFinished(() => {
      socket.destroy();
    });
    await once(socket, 'connect');
    // Long enough for whoever looks at the sockets of a process that starts, and that is every 2 ms.
    await wait(10);
    // Before the server ends, which would reset it.
    socket.destroy();
  }
  const { state, since, health } = watched.sidecar.status();
  expect(state).toBe('running');
  expect(health.last?.checkedAt).toBeLessThanOrEqual(since ?? 0);
  await watched.stopsCleanly();
});
