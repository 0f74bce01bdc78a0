import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { Page } from '../../src/inspect/page.js';

const BUILT = fileURLToPath(new URL('../../dist/inspector', import.meta.url));

const MACHINE = {
  id: 'light',
  initial: 'green',
  states: {
    green: { on: { TIMER: 'yellow' } },
    yellow: { after: { pause: 'red' } },
    red: {
      initial: 'walk',
      states: { walk: { on: { COUNT: 'wait' } }, wait: {} },
      on: { TIMER: 'green' },
    },
  },
};

/**
 * A program that is none of ours and speaks `@xstate/inspect`, with the page: it tells of a machine.
 *
 * @returns the address of the page
 */
export async function otherHost(): Promise<string> {
  const page = new Page(BUILT);
  const server = createServer((request, response) => void page.answer(request, response));
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    const tell = (message: object) => socket.send(JSON.stringify({ sessionId: 'x:0', ...message }));
    const [machine, state] = [JSON.stringify(MACHINE), stateOf('green')];
    tell({ type: 'service.register', id: 'light', machine, state });
    tell({ type: 'service.of-a-later-version' });
    tell({ type: 'service.state', state: stateOf({ red: 'walk' }) });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it listens nowhere');
  return `http://127.0.0.1:${address.port}/inspect/#token=any`;
}

function stateOf(value: unknown): string {
  const event = { name: 'xstate.init', data: { type: 'xstate.init' }, $$type: 'scxml', type: 'external' };
  return JSON.stringify({ value, context: {}, _event: event, configuration: [], transitions: [], tags: [] });
}
