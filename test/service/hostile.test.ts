import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSidecar, type Sidecar } from '../../src/index.js';
import { serverConfig, shellConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { eventually, within } from '../support/within.js';
import { ask, type Served, serve, told } from './served.js';

const MB = 1024 * 1024;

interface Guarded {
  readonly served: Served;
  readonly sidecar: Sidecar;
  /** Fails when the process has noticed anything. */
  readonly unharmed: () => Promise<void>;
}

async function guarded(options: Parameters<typeof serve>[1] = {}, config = serverConfig()): Promise<Guarded> {
  const sidecar = createSidecar({ ...config, name: 'api', stateDirectory: null });
  const served = await serve(sidecar, options);
  await sidecar.start();
  const { pid } = sidecar.status();
  const troubles: string[] = [];
  sidecar.on('*', ({ type }) => {
    if (/unhealthy|process-death|warning|not-ready|resource/.test(type)) troubles.push(type);
  });
  const unharmed = async () => {
    expect(await sidecar.isHealthy()).toBe(true);
    expect(sidecar.status()).toMatchObject({ state: 'running', generation: 1, pid });
    expect(troubles).toEqual([]);
    expect(served.faults).toEqual([]);
    expect(await told(served, '/sidecars/api')).toMatchObject({ state: 'running', pid });
  };
  return { served, sidecar, unharmed };
}

/** A connection that does only what it is told to. */
async function rawConnection(socketPath: string, sent: string): Promise<Socket> {
  const socket = connect(socketPath);
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await within(once(socket, 'connect'), () => 'a connection');
  socket.write(sent);
  return socket;
}

/** By either side, in whatever way. */
function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.resume().on('close', () => resolve());
  });
}

describe('over TCP', () => {
  const loopback = { listen: { host: '127.0.0.1', port: 0 } };

  it('nobody gets in without the token, from a web page, or by another name', async () => {
    const { served, unharmed } = await guarded(loopback);
    const port = Number(served.control.tcpAddress?.split(':').at(-1));
    const token = await readFile(served.place.tokenFile, 'utf8');
    expect(token.length).toBeGreaterThan(40);
    const statusOf = async (headers: Readonly<Record<string, string>>, path = '/status') => {
      const { status } = await ask(served, path === '/stop' ? 'POST' : 'GET', path, undefined, {
        host: '127.0.0.1',
        port,
        headers,
      });
      return status;
    };
    const authorization = `Bearer ${token}`;
    expect(await statusOf({ authorization })).toBe(200);
    expect(await statusOf({ authorization, host: `localhost:${port}` })).toBe(200);
    expect(await statusOf({ authorization, host: `[::1]:${port}` })).toBe(200);
    expect(await statusOf({})).toBe(401);
    expect(await statusOf({}, '/stop')).toBe(401);
    expect(await statusOf({}, '/openapi.json')).toBe(401);
    expect(await statusOf({}, '/nowhere')).toBe(401);
    for (const wrong of [
      'Bearer ',
      `Bearer ${token}x`,
      `Bearer ${token.slice(1)}`,
      `Basic ${token}`,
      token,
    ]) {
      expect(await statusOf({ authorization: wrong }, '/stop'), wrong).toBe(401);
    }
    for (const host of [`evil.example:${port}`, 'localhost.evil.example', '127.0.0.1.evil.example', 'a b']) {
      expect(await statusOf({ authorization, host }, '/stop'), host).toBe(403);
    }
    for (const origin of ['https://evil.example', 'null', `http://127.0.0.1:${port}`]) {
      expect(await statusOf({ authorization, origin }, '/stop'), origin).toBe(403);
    }
    await unharmed();
  });

  it('an empty token lets nobody in', async () => {
    const { served, unharmed } = await guarded({ listen: { ...loopback.listen, token: '' } });
    const port = Number(served.control.tcpAddress?.split(':').at(-1));
    for (const headers of [{}, { authorization: 'Bearer ' }, { authorization: '' }]) {
      const { status } = await ask(served, 'GET', '/status', undefined, { host: '127.0.0.1', port, headers });
      expect(status).toBe(401);
    }
    await unharmed();
  });

  it('a web page gets nowhere through the socket either', async () => {
    const { served, unharmed } = await guarded();
    const options = { socketPath: served.place.address, headers: { origin: 'http://localhost' } };
    expect((await ask(served, 'POST', '/stop', undefined, options)).status).toBe(403);
    await unharmed();
  });
});

describe('what it is sent', () => {
  it.each([
    ['told in advance', { 'content-length': String(100 * MB) }],
    ['in chunks', { 'transfer-encoding': 'chunked' }],
  ])('a body of 100 MB, %s, is refused after its first part', async (_, headers) => {
    const { served, unharmed } = await guarded();
    const sent = request({
      socketPath: served.place.address,
      path: '/sidecars/api/what-if',
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
    });
    let written = 0;
    const answered = once(sent, 'response');
    const body = Readable.from(
      (function* () {
        for (; written < 100 * MB; written += MB / 4) yield Buffer.alloc(MB / 4, ' ');
      })(),
    );
    // It is cut off, or not: what counts is the answer.
    const ended = pipeline(body, sent).catch(() => {});
    const [response] = await within(answered, () => 'an answer');
    expect(response.statusCode).toBe(413);
    response.resume();
    await within(ended, () => 'the end of the connection');
    expect(written).toBeLessThan(100 * MB);
    await unharmed();
  });

  it('no JSON, too deep a path, a field without an end: each is refused', async () => {
    const { served, unharmed } = await guarded();
    const long = 'x'.repeat(100_000);
    for (const start of [
      'POST /sidecars/api/send HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n{',
      `GET /sidecars/${'a/'.repeat(5000)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      `GET /status HTTP/1.1\r\nHost: x\r\nX-Long: ${long}`,
      'GET /sidecars/%E0%A4%A HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      'no HTTP at all\r\n\r\n',
    ]) {
      const socket = await rawConnection(served.place.address, start);
      const [answer] = await within(once(socket, 'data'), () => `an answer to ${start.slice(0, 40)}`);
      expect(String(answer)).toMatch(/^HTTP\/1\.1 4\d\d /);
      socket.destroy();
    }
    await unharmed();
  });

  it('requests that never end are cut off, and others are answered meanwhile', async () => {
    const { served, unharmed } = await guarded({ requestTimeout: 1000 });
    const starts = [
      '',
      'GET /status HTTP/1.1\r\nHost: x\r\n',
      'POST /stop HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{',
    ];
    const sockets = await Promise.all(
      Array.from({ length: 60 }, (_, index) => rawConnection(served.place.address, starts[index % 3] ?? '')),
    );
    const unfinished = sockets.filter((_, index) => index % 3 !== 0);
    const cutOff = Promise.all(unfinished.map(closeOf));
    await unharmed();
    await within(cutOff, () => 'the end of the unfinished requests');
    await unharmed();
  });

  it('closing waits for nobody for long', async () => {
    const { served } = await guarded();
    const sockets = await Promise.all([
      rawConnection(served.place.address, ''),
      rawConnection(served.place.address, 'GET /status HTTP/1.1\r\nHost: x\r\n'),
      rawConnection(served.place.address, 'GET /events HTTP/1.1\r\nHost: x\r\n\r\n'),
    ]);
    const ends = Promise.all(sockets.map(closeOf));
    await within(served.control.close(), () => 'the end of the control');
    await within(ends, () => 'the end of all connections');
  });
});

describe('500 subscribers', () => {
  /** More than fits between a process and one that never reads. */
  const LINES = 1000;
  /** Prints lines of 1000 characters once there is the file that `GO` names. */
  const FLOOD = `while [ ! -e "$GO" ]; do sleep 0.05; done
    i=0; while [ $i -lt ${LINES} ]; do printf '%01000d\\n' $i; i=$((i+1)); done; exec sleep 60`;

  it('of whom most never read: those who do are told what they lack, and the process does not notice', async () => {
    const go = join(await tempFolder(), 'go');
    const { served, sidecar, unharmed } = await guarded(
      {},
      shellConfig(FLOOD, { process: { env: { GO: go } }, healthCheck: { liveness: { type: 'process' } } }),
    );
    let printed = 0;
    sidecar.on('output', () => {
      printed += 1;
    });
    const subscribe = async () => {
      const request = 'GET /events?type=output HTTP/1.1\r\nHost: x\r\n\r\n';
      const socket = await rawConnection(served.place.address, request);
      await within(once(socket, 'data'), () => 'the subscription');
      return socket.pause();
    };
    const silent = await Promise.all(Array.from({ length: 480 }, subscribe));
    const readers = await Promise.all(Array.from({ length: 20 }, subscribe));
    const counts = readers.map((socket) => new EventCount(socket));

    // Whoever comes then is told so; all else is answered.
    expect(await ask(served, 'GET', '/events')).toMatchObject({ status: 503 });
    await unharmed();

    await writeFile(go, '');
    await eventually(() => printed === LINES, 'all that the process prints');
    const told = () => counts.map(({ all }) => all);
    await eventually(() => told().every((all) => all === LINES), `every reader to be told of all lines`);
    await unharmed();

    // One that reads again is told how much it has missed.
    const [late] = silent;
    if (late === undefined) throw new Error('there is none');
    const lateCount = new EventCount(late);
    await eventually(() => lateCount.all === LINES, 'the late one to be told of all lines');
    expect(lateCount.dropped).toBeGreaterThan(LINES / 2);
    await unharmed();
  });
});

/** What a subscriber has received, or been told that it has not. */
class EventCount {
  #text = '';
  events = 0;
  dropped = 0;

  constructor(socket: Socket) {
    socket.on('data', (chunk: Buffer) => this.#read(String(chunk)));
    socket.resume();
  }

  get all(): number {
    return this.events + this.dropped;
  }

  #read(chunk: string): void {
    const lines = (this.#text + chunk).split('\n');
    this.#text = lines.pop() ?? '';
    for (const line of lines) {
      if (line === 'event: output') this.events += 1;
      this.dropped += Number(/^data: \{"type":"dropped".*"count":(\d+)\}$/.exec(line)?.[1] ?? 0);
    }
  }
}
