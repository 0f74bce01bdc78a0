import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import fastify from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { sidecarProxy } from '../../src/adapters/express.js';
import { sidecarProxy as sidecarProxyPlugin } from '../../src/adapters/fastify.js';
import { type WatchedSidecar, watch } from '../support/watched-sidecar.js';
import {
  expressHost,
  frameworks,
  listen,
  proxiedConfig,
  proxiedOverSocket,
  type WebHost,
} from '../support/web-hosts.js';
import { eventually, within } from '../support/within.js';
import { quiet } from './quiet.js';

function dial({ port }: Pick<WebHost, 'port'>, path = '/api/echo'): WebSocket {
  const webSocket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
  // Told by its close.
  webSocket.on('error', () => {});
  onTestFinished(() => webSocket.terminate());
  return webSocket;
}

async function opened(host: Pick<WebHost, 'port'>, path?: string): Promise<WebSocket> {
  const webSocket = dial(host, path);
  await within(once(webSocket, 'open'), () => 'an open WebSocket');
  return webSocket;
}

/** What comes back for a message. */
async function echoed(webSocket: WebSocket, message: string): Promise<string> {
  webSocket.send(message);
  const [answer] = await within(once(webSocket, 'message'), () => `an answer to ${message}`);
  return String(answer);
}

/** The code that it was closed with; 1006 when the connection broke. */
async function closed(webSocket: WebSocket): Promise<number> {
  const [code] = await within(once(webSocket, 'close'), () => 'a closed WebSocket');
  return code;
}

/** How an upgrade is refused. */
async function refusal(webSocket: WebSocket): Promise<IncomingMessage> {
  const [, answer] = await within(once(webSocket, 'unexpected-response'), () => 'a refusal');
  return answer;
}

async function jsonOf(answer: IncomingMessage): Promise<unknown> {
  return JSON.parse(String(Buffer.concat(await answer.toArray())));
}

describe.each(frameworks)('a WebSocket through a proxy in %s', (_name, makeHost) => {
  it('passes messages both ways, and closes as either end says', async () => {
    const watched = await watch(proxiedConfig()).run();
    const host = await makeHost(watched.sidecar);
    const webSocket = await opened(host);
    expect(await echoed(webSocket, 'hello')).toBe('hello');
    const large = 'x'.repeat(1_000_000);
    expect(await echoed(webSocket, large)).toBe(large);
    const closing = closed(webSocket);
    webSocket.send('close');
    expect(await closing).toBe(4000);
    await watched.printed('closed');

    const other = await opened(host);
    const otherClosing = closed(other);
    other.close(4001);
    expect(await otherClosing).toBe(4001);
    await watched.printed('closed', 2);
    await nothingInFlight(watched);
  });

  it('is closed at once when the process dies', async () => {
    const watched = await watch(proxiedConfig()).run();
    const webSocket = await opened(await makeHost(watched.sidecar));
    const closing = closed(webSocket);
    process.kill(watched.pid, 'SIGKILL');
    expect(await closing).toBe(1006);
  });

  it('is closed for the sidecar when the client is gone', async () => {
    const watched = await watch(proxiedConfig()).run();
    const webSocket = await opened(await makeHost(watched.sidecar));
    webSocket.terminate();
    await watched.printed('closed');
  });

  it('waits for a sidecar that starts', async () => {
    const watched = watch(proxiedConfig()).start();
    const webSocket = await opened(await makeHost(watched.sidecar));
    expect(await echoed(webSocket, 'hello')).toBe('hello');
  });

  it('is answered 503 when the sidecar is stopped', async () => {
    const watched = watch(proxiedConfig());
    const answer = await refusal(dial(await makeHost(watched.sidecar)));
    expect(answer).toMatchObject({ statusCode: 503, headers: { 'retry-after': '10' } });
    expect(await jsonOf(answer)).toMatchObject({ reason: 'stopped' });
  });

  it('is refused as the sidecar refuses it', async () => {
    const watched = await watch(proxiedConfig()).run();
    const answer = await refusal(dial(await makeHost(watched.sidecar), '/api/elsewhere'));
    expect(answer).toMatchObject({ statusCode: 401, headers: { 'www-authenticate': 'Basic' } });
    expect(String(Buffer.concat(await answer.toArray()))).toBe('who there');
  });

  it('is answered 404 below another path when nobody else listens for upgrades', async () => {
    const watched = await watch(proxiedConfig()).run();
    const answer = await refusal(dial(await makeHost(watched.sidecar), '/elsewhere'));
    expect(answer.statusCode).toBe(404);
    expect(watched.lines()).toEqual([]);
  });
});

describe('a WebSocket through a proxy', () => {
  it('passes over a Unix socket, and is closed when the process dies', async () => {
    const watched = await watch(await proxiedOverSocket()).run();
    const webSocket = await opened(await expressHost(watched.sidecar));
    expect(await echoed(webSocket, 'hello')).toBe('hello');
    const closing = closed(webSocket);
    process.kill(watched.pid, 'SIGKILL');
    expect(await closing).toBe(1006);
  });

  it('is not sent what the client does not take', async () => {
    const watched = await watch(proxiedConfig()).run();
    const webSocket = await opened(await expressHost(watched.sidecar));
    webSocket.send('large');
    webSocket.pause();
    const wrote = () => watched.lines().filter((line) => line.startsWith('wrote ')).length;
    await quiet(wrote);
    expect(wrote()).toBeLessThan(32);
    webSocket.resume();
    await watched.printed('wrote 64');
  });

  it('that the client does not read is closed when the process dies', async () => {
    const watched = await watch(proxiedConfig()).run();
    const webSocket = await opened(await expressHost(watched.sidecar));
    webSocket.send('large');
    webSocket.pause();
    await quiet(() => watched.lines().length);
    const closing = closed(webSocket);
    process.kill(watched.pid, 'SIGKILL');
    await watched.next('process-death');
    webSocket.resume();
    expect(await closing).toBe(1006);
  });

  it('is closed for the sidecar when the client’s connection breaks', async () => {
    const watched = await watch(proxiedConfig()).run();
    const { port } = await expressHost(watched.sidecar);
    const client = connect(port, '127.0.0.1');
    client.write(upgradeTo('/api/keep', 'websocket'));
    await within(once(client, 'data'), () => '101');
    client.resetAndDestroy();
    await nothingInFlight(watched);
  });

  it('keeps the sidecar from being stopped for idleness', async () => {
    const watched = await watch(proxiedConfig({ idleTimeout: 100 })).run();
    const webSocket = await opened(await expressHost(watched.sidecar));
    await wait(500);
    expect(watched.sidecar.status()).toMatchObject({ state: 'running', client: { inFlight: 1 } });
    webSocket.close();
    await watched.next('stopped', ({ reason }) => reason === 'idle');
  });

  it('starts a sidecar that sleeps', async () => {
    const watched = watch(proxiedConfig({ lazy: true }));
    const webSocket = await opened(await expressHost(watched.sidecar));
    expect(await echoed(webSocket, 'hello')).toBe('hello');
  });

  it('is answered 504 when the sidecar does not, and given up when the client is gone', async () => {
    const watched = await watch(proxiedConfig()).run();
    const late = await expressHost(watched.sidecar, { timeout: 200 });
    const answer = await refusal(dial(late, '/api/never'));
    expect(answer.statusCode).toBe(504);
    await watched.printed('gone');

    const { port } = await expressHost(watched.sidecar);
    const client = connect(port, '127.0.0.1');
    client.write(upgradeTo('/api/never', 'websocket'));
    await watched.printed('upgrading', 2);
    client.resetAndDestroy();
    await watched.printed('gone', 2);
  });

  it('is answered 502 when the process dies before it has answered', async () => {
    const watched = await watch(proxiedConfig()).run();
    const refused = refusal(dial(await expressHost(watched.sidecar), '/api/never'));
    await watched.printed('upgrading');
    process.kill(watched.pid, 'SIGKILL');
    const answer = await refused;
    expect(answer.statusCode).toBe(502);
    expect(await jsonOf(answer)).toMatchObject({ reason: 'died' });
  });

  it('is answered 503 beside maxUpgrades others', async () => {
    const watched = await watch(proxiedConfig()).run();
    const host = await expressHost(watched.sidecar, { maxUpgrades: 1 });
    const first = await opened(host);
    const answer = await refusal(dial(host));
    expect(answer.statusCode).toBe(503);
    expect(await jsonOf(answer)).toMatchObject({ reason: 'too-many-upgrades' });
    first.terminate();
    await watched.printed('closed');
    expect(await echoed(await opened(host), 'hello')).toBe('hello');
  });

  it('leaves those of other paths to others', async () => {
    const watched = await watch(proxiedConfig()).run();
    const proxy = sidecarProxy(watched.sidecar, { path: '/api' });
    const server = createServer(proxy);
    const own = new WebSocketServer({ noServer: true });
    server.on('upgrade', proxy.upgrade);
    server.on('upgrade', (request, socket, head) => {
      if (request.url === '/own') own.handleUpgrade(request, socket, head, (each) => each.send('mine'));
    });
    onTestFinished(() => {
      for (const each of own.clients) each.terminate();
      proxy.close();
    });
    const host = await listen(server);
    const mine = dial(host, '/own');
    expect(String((await within(once(mine, 'message'), () => 'a message'))[0])).toBe('mine');
    expect(await echoed(await opened(host), 'hello')).toBe('hello');
  });

  it('is the only protocol that is passed on', async () => {
    const watched = await watch(proxiedConfig()).run();
    const { port } = await expressHost(watched.sidecar);
    const client = connect(port, '127.0.0.1');
    client.write(upgradeTo('/api/about', 'h2c'));
    expect(String(Buffer.concat(await client.toArray()))).toMatch(/^HTTP\/1\.1 400 .*only WebSockets/s);
    expect(watched.lines()).toEqual([]);
  });

  it('does not keep the server from closing', async () => {
    const watched = await watch(proxiedConfig()).run();
    const app = fastify();
    await app.register(sidecarProxyPlugin, { prefix: '/api', sidecar: watched.sidecar });
    const port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
    const webSocket = await opened({ port });
    const closing = closed(webSocket);
    await within(app.close(), () => 'a closed server');
    expect(await closing).toBe(1006);
    expect(app.server.listenerCount('upgrade')).toBe(0);
    await watched.printed('closed');
  });

  it('is closed for both when the sidecar does not hang up after the client', async () => {
    const watched = await watch(proxiedConfig()).run();
    const { port } = await expressHost(watched.sidecar);
    const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    client.write(upgradeTo('/api/keep', 'websocket'));
    await within(once(client, 'data'), () => '101');
    const closing = once(client.resume(), 'close');
    client.end();
    await watched.printed('good-bye');
    await within(closing, () => 'a closed connection');
    await nothingInFlight(watched);
  });

  it('that is half closed by the client is closed', async () => {
    const watched = await watch(proxiedConfig()).run();
    const { port } = await expressHost(watched.sidecar);
    const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    client.write(upgradeTo('/api/echo', 'websocket'));
    await within(once(client, 'data'), () => '101');
    const closing = once(client.resume(), 'close');
    client.end();
    await watched.printed('closed');
    await within(closing, () => 'a closed connection');
    await nothingInFlight(watched);
  });
});

function upgradeTo(path: string, protocol: string): string {
  return [
    `GET ${path} HTTP/1.1`,
    'Host: here',
    'Connection: Upgrade',
    `Upgrade: ${protocol}`,
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    '',
    '',
  ].join('\r\n');
}

async function nothingInFlight({ sidecar }: WatchedSidecar): Promise<void> {
  await eventually(() => sidecar.status().client.inFlight === 0, 'nothing in flight');
}
