import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { serverConfig } from '../support/server-config.js';
import { watch } from '../support/watched-sidecar.js';
import { eventually } from '../support/within.js';
import { pageOf, socketOf } from './looking-on.js';
import { inspect4 } from './xstate-4.js';

// What runs in a browser finds it there; Node.js 20 has none.
beforeAll(() => void vi.stubGlobal('WebSocket', WebSocket));
afterAll(() => void vi.unstubAllGlobals());

it('the receiver of @xstate/inspect understands the inspector, and steers through it', async () => {
  const watched = await watch(serverConfig({}, { inspect: true })).run();
  const { host, pathname, search } = socketOf(await pageOf(watched.sidecar));
  const receiver = inspect4.createWebSocketReceiver({
    server: `${host}${pathname}${search}`,
    serialize: undefined,
  });
  const seen: string[] = [];
  let active: string[] = [];
  receiver.subscribe((event) => {
    if (event.type === 'service.register') {
      seen.push(`${event.id} is ${JSON.stringify(event.state.value)}`);
      active = event.machine.resolveState(event.state).configuration.map(({ id }) => id);
    }
    if (event.type === 'service.event') seen.push(event.event.name);
    if (event.type === 'service.state') seen.push(JSON.stringify(event.state.value));
  });
  await eventually(() => active.length > 0, 'the registration');
  expect(seen).toEqual(['sidecar is "running"']);
  expect(active).toEqual(['sidecar', 'sidecar.running']);
  receiver.send({ type: 'xstate.event', event: JSON.stringify({ type: 'STOP' }), service: 'sidecar' });
  await watched.entered('stopped');
  await eventually(() => seen.includes('"stopped"'), 'the last state');
  expect(seen).toEqual(expect.arrayContaining(['STOP', '{"stopping":"terminating"}', 'process.exited']));
  await watched.stopsCleanly();
});
