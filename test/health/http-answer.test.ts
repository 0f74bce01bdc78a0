import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SingleCheckConfig } from '../../src/config/check-schema.js';
import { createHttpCheck } from '../../src/health/http.js';
import { checkedProcess, longDeadline } from '../support/checked-process.js';
import { serverConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { watch } from '../support/watched-sidecar.js';

type HttpCheckConfig = Extract<SingleCheckConfig, { type: 'http' }>;

async function serve(answer: RequestListener): Promise<number> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('it listens on no port');
  return address.port;
}

function checkAt(port: number, config: Partial<HttpCheckConfig>) {
  const endpoint = { transport: 'http', host: '127.0.0.1', port } as const;
  const check = createHttpCheck(
    { type: 'http', path: '/health', headers: {}, ...config },
    checkedProcess(endpoint),
  );
  onTestFinished(() => check.close());
  return check;
}

/** What a check comes to when the server answers with this body: `passed`, or the error. */
async function resultOf(body: string, config: Partial<HttpCheckConfig>, status = 200): Promise<string> {
  const port = await serve((_request, response) => response.writeHead(status).end(body));
  return checkAt(port, config)
    .run(longDeadline())
    .then(
      () => 'passed',
      (error: Error) => error.message,
    );
}

describe('the status of an answer', () => {
  it.each([
    [204, undefined, 'passed'],
    [304, undefined, 'it answered with status 304'],
    [503, 503, 'passed'],
    [302, [200, 302], 'passed'],
    [200, 204, 'it answered with status 200, not 204'],
    [500, [200, 204], 'it answered with status 500, not 200 or 204'],
  ])('%i with the wanted status %j: %s', async (answered, status, result) => {
    expect(await resultOf('', { status }, answered)).toBe(result);
  });

  it('counts before the body', async () => {
    expect(await resultOf('fine', { body: /fine/ }, 500)).toBe('it answered with status 500');
  });
});

describe('the body of an answer', () => {
  it.each([
    ['all is well', /well$/, 'passed'],
    ['all is well', 'is w', 'passed'],
    ['', /^$/, 'passed'],
    ['in trouble', /well$/, 'its body does not match /well$/: "in trouble"'],
  ])('%j against %s: %s', async (text, body, result) => {
    expect(await resultOf(text, { body })).toBe(result);
  });

  it('is quoted with its beginning only', async () => {
    const error = `its body does not match /well/: "${'x'.repeat(99)}…`;
    expect(await resultOf('x'.repeat(1000), { body: /well/ })).toBe(error);
  });

  it('is matched anew each time, whatever the flags of the pattern', async () => {
    const port = await serve((_request, response) => response.end('well'));
    for (const body of [/well/g, /well/y]) {
      const check = checkAt(port, { body });
      for (let times = 0; times < 3; times += 1) await check.run(longDeadline());
      expect(body.lastIndex).toBe(0);
    }
  });

  it('counts with its first 64 KiB, and no more', async () => {
    const filler = 'x'.repeat(65_536 - 4);
    expect(await resultOf(`${filler}well, and on`, { body: /well/ })).toBe('passed');
    expect(await resultOf(`${filler}.well`, { body: /well/ })).toMatch(/^its body does not match/);
  });

  it('that never ends is cut, also the one that is looked at', async () => {
    const watched = await watch(
      serverConfig({ health: 'endless-body' }, { healthCheck: { liveness: { type: 'http', body: /^x+$/ } } }),
    ).run();
    for (let checks = 0; checks < 5; checks += 1) {
      expect((await watched.next('health-checked')).report).toMatchObject({ passed: true });
    }
    await watched.stopsCleanly();
  });

  it('that drips is given up at the deadline, again and again', async () => {
    const watched = watch(
      serverConfig(
        { health: 'drip-body' },
        { healthCheck: { liveness: { type: 'http', body: /y/ }, timeout: 300 } },
      ),
    ).start();
    for (let times = 0; times < 3; times += 1) {
      await watched.next(
        'health-checked',
        ({ report }) => !report.passed && report.error === 'no answer within 300 ms',
      );
    }
    expect(watched.all('healthy')).toEqual([]);
    await watched.stopsCleanly();
  });

  it('that drips does no harm when only the status counts', async () => {
    const watched = await watch(serverConfig({ health: 'drip-body' })).run();
    for (let checks = 0; checks < 5; checks += 1) {
      expect((await watched.next('health-checked')).report).toMatchObject({ passed: true });
    }
    await watched.stopsCleanly();
  });

  it('that is not wanted makes it degraded, and wanted again lets it recover', async () => {
    const liveness = { type: 'http', json: { status: 'ok' } } as const;
    const watched = await watch(serverConfig({}, { healthCheck: { liveness, failureThreshold: 1 } })).run();
    await watched.control(`body=${encodeURIComponent('{"status":"broken"}')}`);
    const { cause } = await watched.next('unhealthy');
    expect(cause).toMatchObject({ report: { error: 'in its JSON, status is "broken" instead of "ok"' } });
    await watched.control(`body=${encodeURIComponent('{"status":"ok"}')}`);
    await watched.next('recovered');
    await watched.stopsCleanly();
  });
});

describe('the JSON of an answer', () => {
  it.each([
    [{ success: true }, { success: true }, 'passed'],
    [{ db: { status: 'up' }, n: 1, x: null }, { 'db.status': 'up', n: 1, x: null }, 'passed'],
    [{ db: [{ up: true }] }, { 'db.0.up': true }, 'passed'],
    [{ success: 'true' }, { success: true }, 'in its JSON, success is "true" instead of true'],
    [{ db: { status: 'down' } }, { 'db.status': 'up' }, 'in its JSON, db.status is "down" instead of "up"'],
    [{ db: null }, { 'db.status': 'up' }, 'in its JSON, db.status is missing instead of "up"'],
    [{}, { constructor: 'Object' }, 'in its JSON, constructor is missing instead of "Object"'],
    [{ a: {} }, { a: 1, b: 2 }, 'in its JSON, a is {} instead of 1, b is missing instead of 2'],
    ['text', { a: 1 }, 'in its JSON, a is missing instead of 1'],
  ])('%j with the wanted fields %j: %s', async (content, json, result) => {
    expect(await resultOf(JSON.stringify(content), { json })).toBe(result);
  });

  it('must be JSON', async () => {
    expect(await resultOf('<html>', { json: { a: 1 } })).toBe('its body is not JSON: "<html>"');
  });

  it('must not be too long', async () => {
    const content = JSON.stringify({ a: 1, filler: 'x'.repeat(65_536) });
    expect(await resultOf(content, { json: { a: 1 } })).toBe(
      'its body is longer than the 65536 bytes that are read as JSON',
    );
  });
});

describe('the request', () => {
  it('has the headers, and asks another port of the same host', async () => {
    const asked: unknown[] = [];
    const other = await serve((request, response) => {
      asked.push([request.url, request.headers['x-token'], request.headers.host]);
      response.end();
    });
    const check = checkAt(1, { port: other, path: '/ready?now', headers: { 'X-Token': 'abc' } });
    expect(check.name).toBe(`GET http://127.0.0.1:${other}/ready?now`);
    await check.run(longDeadline());
    expect(asked).toEqual([['/ready?now', 'abc', `127.0.0.1:${other}`]]);
  });

  it('does not follow a redirect', async () => {
    const paths: unknown[] = [];
    const port = await serve((request, response) => {
      paths.push(request.url);
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    await expect(checkAt(port, {}).run(longDeadline())).rejects.toThrow('it answered with status 302');
    expect(paths).toEqual(['/health']);
  });

  it('can not be made for another port of a Unix socket', async () => {
    const endpoint = { transport: 'ipc', socketPath: '/run/a.sock' } as const;
    expect(() =>
      createHttpCheck({ type: 'http', path: '/', headers: {}, port: 80 }, checkedProcess(endpoint)),
    ).toThrow("port 80 can't be checked: it listens on a Unix socket, which has no host");
  });
});

describe('a program that does not speak HTTP', () => {
  it('is named as such, with the check that fits', async () => {
    const server = createTcpServer((socket) => socket.end('-ERR unknown command\r\n')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.close();
    });
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(checkAt(port, {}).run(longDeadline())).rejects.toThrow(
      /^its answer is not HTTP \(.+\); a program that does not speak HTTP is checked with healthCheck.liveness: { type: 'tcp' }$/,
    );
  });

  it('is not what a program is called that speaks it with too many headers', async () => {
    const server = createTcpServer((socket) =>
      socket.end(`HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.close();
    });
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(checkAt(port, {}).run(longDeadline())).rejects.toThrow(/^Parse Error: Header overflow$/);
  });

  const hint = "; a program that does not speak HTTP is checked with healthCheck.liveness: { type: 'ipc' }";

  it.each([
    ['answers in its own words', 'socket.end("-ERR\\r\\n")', 5000, /^its answer is not HTTP \(/],
    ['hangs up', 'socket.resume().end()', 5000, /^socket hang up|ECONNRESET|EPIPE/],
    ['waits for more', 'socket.resume()', 300, /^no answer within 300 ms/],
  ])(
    'and %s on a Unix socket is pointed to the check that fits',
    async (_what, behaviour, timeout, error) => {
      const socketPath = join(await tempFolder(), 'a.sock');
      const script = `require('net').createServer((socket) => { socket.on('error', () => {}); ${behaviour} }).listen(process.env.SOCKET_PATH)`;
      const watched = watch(
        serverConfig(
          {},
          {
            transport: 'ipc',
            ipc: { socketPath },
            process: { args: ['-e', script] },
            healthCheck: { timeout },
          },
        ),
      ).start();
      const { report } = await watched.next(
        'health-checked',
        ({ report }) => !report.passed && report.error.endsWith(hint),
      );
      expect(report).toMatchObject({
        error: expect.stringMatching(error),
        check: `GET /health over ${socketPath}`,
      });
      await watched.stopsCleanly();
    },
  );
});
