import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import express from 'express';
import { describe, expect, it } from 'vitest';
import { sidecarGate, sidecarProxy } from '../../src/adapters/express.js';
import { libraryConfig } from '../direct/library-config.js';
import { watch } from '../support/watched-sidecar.js';
import {
  expressHost,
  frameworks,
  hosts,
  listen,
  proxiedConfig,
  proxiedOverSocket,
  textOf,
  type WebHost,
} from '../support/web-hosts.js';
import { within } from '../support/within.js';

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly string[];
  readonly body: number;
  readonly pid: number;
}

/** A request of node:http, which sends the fields that it is told to. */
async function ask(
  { port }: WebHost,
  path: string,
  options: RequestOptions = {},
  body = '',
): Promise<IncomingMessage> {
  const request = httpRequest({ host: '127.0.0.1', port, path, agent: false, ...options });
  request.end(body);
  const [answer]: IncomingMessage[] = await within(once(request, 'response'), () => `an answer to ${path}`);
  if (answer === undefined) throw new Error('There is no answer.');
  return answer;
}

/** What the sidecar was asked by a request to `/about`. */
async function asked(answer: IncomingMessage): Promise<Asked> {
  expect(answer.statusCode).toBe(200);
  return JSON.parse(await textOf(answer));
}

/** The values of one field, of which the sidecar tells name and value by turns. */
function valuesOf(headers: readonly string[], wanted: string): string[] {
  return headers.filter((_, at) => at % 2 === 1 && headers[at - 1]?.toLowerCase() === wanted);
}

describe.each(hosts)('a proxy in %s', (_name, makeHost) => {
  it('strips the path that it is mounted at, and keeps query, method, body and status', async () => {
    const watched = await watch(proxiedConfig()).run();
    const host = await makeHost(watched.sidecar);
    const answer = await ask(host, '/api/about?a=1&b=%2F', { method: 'PUT' }, 'four');
    expect(await asked(answer)).toMatchObject({
      method: 'PUT',
      url: '/about?a=1&b=%2F',
      body: 4,
      pid: watched.pid,
    });
    expect((await ask(host, '/api')).statusCode).toBe(404);
    expect(await textOf(await ask(host, '/api?x'))).toBe('no such route');
    expect((await ask(host, '/api/status?code=418', { method: 'DELETE' })).statusCode).toBe(418);
    expect((await ask(host, '/apiary/about')).statusCode).toBe(404);
    await watched.stopsCleanly();
    expect(watched.lines()).toEqual(['asked /about?a=1&b=%2F']);
  });
});

describe.each(frameworks)('a proxy in %s', (_name, makeHost) => {
  it('passes no field on that is meant for one connection', async () => {
    const watched = await watch(proxiedConfig()).run();
    const host = await makeHost(watched.sidecar);
    const { headers } = await asked(
      await ask(host, '/api/about', {
        headers: {
          connection: 'keep-alive, x-of-this-connection',
          'keep-alive': 'timeout=5',
          'proxy-authorization': 'Basic secret',
          'x-of-this-connection': 'no',
          te: 'gzip, trailers',
          'x-end-to-end': ['one', 'two'],
          traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
          'x-request-id': 'seven',
        },
      }),
    );
    for (const gone of ['keep-alive', 'proxy-authorization', 'x-of-this-connection']) {
      expect(valuesOf(headers, gone)).toEqual([]);
    }
    expect(valuesOf(headers, 'connection')).toEqual(['keep-alive']);
    expect(valuesOf(headers, 'te')).toEqual(['trailers']);
    expect(valuesOf(headers, 'x-end-to-end')).toEqual(['one', 'two']);
    expect(valuesOf(headers, 'traceparent')).toEqual([
      '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    ]);
    expect(valuesOf(headers, 'x-request-id')).toEqual(['seven']);

    const answer = await ask(host, '/api/fields');
    expect(await textOf(answer)).toBe('ok');
    // Of trailers only an answer in chunks can speak.
    for (const gone of ['proxy-authenticate', 'x-of-this-connection', 'trailer']) {
      expect(answer.headers).not.toHaveProperty(gone);
    }
    expect(answer.headers).toMatchObject({
      'x-end-to-end': 'yes',
      'set-cookie': ['a=1', 'b=2'],
      'content-length': '2',
    });
    expect(Buffer.from(answer.headers['content-disposition'] ?? '', 'latin1').toString()).toContain('é.txt');
  });

  it('tells the sidecar who asked, and does not believe the client', async () => {
    const watched = await watch(proxiedConfig()).run();
    const host = await makeHost(watched.sidecar);
    const { headers } = await asked(
      await ask(host, '/api/about', {
        headers: { 'x-forwarded-for': '6.6.6.6', forwarded: 'for=6.6.6.6', via: '1.0 before' },
      }),
    );
    const here = `127.0.0.1:${host.port}`;
    expect(valuesOf(headers, 'x-forwarded-for')).toEqual(['127.0.0.1']);
    expect(valuesOf(headers, 'x-forwarded-host')).toEqual([here]);
    expect(valuesOf(headers, 'x-forwarded-proto')).toEqual(['http']);
    expect(valuesOf(headers, 'x-forwarded-prefix')).toEqual(['/api']);
    expect(valuesOf(headers, 'forwarded')).toEqual([`for=127.0.0.1;host="${here}";proto=http`]);
    expect(valuesOf(headers, 'via')).toEqual(['1.0 before', '1.1 sidecar-machine']);
    expect(valuesOf(headers, 'host')).not.toEqual([here]);
  });

  it('passes answers without a body, interim answers and trailers on', async () => {
    const watched = await watch(proxiedConfig()).run();
    const host = await makeHost(watched.sidecar);
    const head = await ask(host, '/api/fields', { method: 'HEAD' });
    expect([head.statusCode, head.headers['content-length'], await textOf(head)]).toEqual([200, '2', '']);
    for (const code of [204, 304]) {
      const answer = await ask(host, `/api/status?code=${code}`);
      expect([answer.statusCode, await textOf(answer)]).toEqual([code, '']);
    }
    const answer = await ask(host, '/api/trailers', { headers: { te: 'trailers', connection: 'te' } });
    expect([answer.headers['trailer'], await textOf(answer), answer.trailers]).toEqual([
      'x-sum',
      'body',
      { 'x-sum': '42' },
    ]);
    const early = httpRequest({ host: '127.0.0.1', port: host.port, path: '/api/early', agent: false }).end();
    const [[hint], [late]] = await Promise.all([once(early, 'information'), once(early, 'response')]);
    expect(hint).toMatchObject({ statusCode: 103, headers: { link: '</style.css>; rel=preload; as=style' } });
    expect(await textOf(late)).toBe('late');
  });

  it('lets a client that waits for 100 Continue send its body', async () => {
    const watched = await watch(proxiedConfig()).run();
    const host = await makeHost(watched.sidecar);
    const request = httpRequest({
      host: '127.0.0.1',
      port: host.port,
      path: '/api/about',
      method: 'POST',
      agent: false,
      headers: { expect: '100-continue', 'content-length': 4 },
    });
    request.flushHeaders();
    await within(once(request, 'continue'), () => '100 Continue');
    request.end('four');
    const [answer] = await within(once(request, 'response'), () => 'an answer');
    expect(await asked(answer)).toMatchObject({ body: 4 });
  });

  it('has bodies pass as they come, and nothing wait for their end', async () => {
    const watched = await watch(proxiedConfig()).run();
    const host = await makeHost(watched.sidecar);
    const request = httpRequest({
      host: '127.0.0.1',
      port: host.port,
      path: '/api/echo',
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/json' },
    });
    request.write('{"first":');
    const [answer] = await within(once(request, 'response'), () => 'an answer before the body’s end');
    const first = await within(once(answer, 'data'), () => 'the first piece');
    expect(String(first[0])).toBe('{"first":');
    const second = within(once(answer, 'data'), () => 'the second piece');
    request.end('2}');
    expect(String((await second)[0])).toBe('2}');
  });

  it('waits for a sidecar that starts, and keeps the body until then', async () => {
    const watched = watch(proxiedConfig()).start();
    const host = await makeHost(watched.sidecar);
    const answer = await ask(host, '/api/about', { method: 'POST' }, 'x'.repeat(2_000_000));
    expect(await asked(answer)).toMatchObject({ body: 2_000_000 });
  });

  it('gives the request up when the client does, also while it waits', async () => {
    const watched = watch(proxiedConfig());
    const host = await makeHost(watched.sidecar);
    watched.start();
    const waiting = httpRequest({
      host: '127.0.0.1',
      port: host.port,
      path: '/api/about?given=up',
      agent: false,
    });
    waiting.on('error', () => {}).end();
    await within(
      (async () => {
        while (watched.sidecar.status().client.waiting === 0) await wait(1);
      })(),
      () => 'a request that waits',
    );
    waiting.destroy();
    await watched.entered('running');
    const under = httpRequest({ host: '127.0.0.1', port: host.port, path: '/api/never', agent: false });
    under.on('error', () => {}).end();
    await watched.printed('waiting');
    under.destroy();
    await watched.printed('gone');
    expect(watched.lines()).toEqual(['waiting', 'gone']);
    expect(watched.sidecar.status().client).toMatchObject({ inFlight: 0, waiting: 0 });
  });
});

describe('a proxy', () => {
  it('works over a Unix socket', async () => {
    const watched = await watch(await proxiedOverSocket()).run();
    const host = await expressHost(watched.sidecar);
    expect(await asked(await ask(host, '/api/about'))).toMatchObject({ url: '/about', pid: watched.pid });
  });

  it('leaves what is not below its path to others, and is mounted by Express without one', async () => {
    const watched = await watch(proxiedConfig()).run();
    const app = express();
    app.use(sidecarProxy(watched.sidecar, { path: '/by-itself/' }));
    app.use('/by-express', sidecarProxy(watched.sidecar));
    app.use((request, response) => {
      response.end(`not passed on: ${request.url}`);
    });
    const { origin, ...host } = await listen(createServer(app));
    expect(await (await fetch(`${origin}/other?x`)).text()).toBe('not passed on: /other?x');
    for (const mount of ['/by-itself', '/by-express']) {
      const { url, headers } = await asked(await ask({ origin, ...host }, `${mount}/about?x`));
      expect([url, valuesOf(headers, 'x-forwarded-prefix')]).toEqual(['/about?x', [mount]]);
    }
  });

  it('asks for another path, and with the client’s host, where that is wanted', async () => {
    const watched = await watch(proxiedConfig()).run();
    const host = await expressHost(watched.sidecar, {
      rewrite: (path) => path.replace('/v1/', '/'),
      preserveHost: true,
      forwarded: 'append',
    });
    const { url, headers } = await asked(
      await ask(host, '/api/v1/about?x', {
        headers: { 'x-forwarded-for': '192.0.2.1', 'x-forwarded-proto': 'https', forwarded: 'for=192.0.2.1' },
      }),
    );
    const here = `127.0.0.1:${host.port}`;
    expect(url).toBe('/about?x');
    expect(valuesOf(headers, 'host')).toEqual([here]);
    expect(valuesOf(headers, 'x-forwarded-for')).toEqual(['192.0.2.1, 127.0.0.1']);
    expect(valuesOf(headers, 'x-forwarded-proto')).toEqual(['https']);
    expect(valuesOf(headers, 'forwarded')).toEqual([
      `for=192.0.2.1, for=127.0.0.1;host="${here}";proto=http`,
    ]);
  });

  it('passes on what came of where a request came from, where that is wanted', async () => {
    const watched = await watch(proxiedConfig()).run();
    const host = await expressHost(watched.sidecar, { forwarded: 'keep' });
    const { headers } = await asked(
      await ask(host, '/api/about', { headers: { 'x-forwarded-for': '192.0.2.1' } }),
    );
    expect(valuesOf(headers, 'x-forwarded-for')).toEqual(['192.0.2.1']);
    expect(valuesOf(headers, 'forwarded')).toEqual([]);
  });

  it('passes a body on whatever the method, and none where there is none', async () => {
    const watched = await watch(proxiedConfig()).run();
    const host = await expressHost(watched.sidecar);
    for (const method of ['GET', 'DELETE', 'PATCH']) {
      const chunked = await asked(
        await ask(host, '/api/about', { method, headers: { 'transfer-encoding': 'chunked' } }, 'four'),
      );
      const counted = await asked(
        await ask(host, '/api/about', { method, headers: { 'content-length': 4 } }, 'four'),
      );
      expect([chunked.method, chunked.body, counted.body]).toEqual([method, 4, 4]);
      expect(valuesOf(counted.headers, 'content-length')).toEqual(['4']);
    }
    const none = await asked(
      await ask(host, '/api/about', { method: 'POST', headers: { 'content-length': 0 } }),
    );
    expect([none.body, valuesOf(none.headers, 'content-length')]).toEqual([0, ['0']]);
    const coded = { 'transfer-encoding': 'gzip, chunked' };
    expect((await ask(host, '/api/about', { method: 'POST', headers: coded })).statusCode).toBe(501);
  });

  it('leaves an answer alone that somebody else has given meanwhile', async () => {
    const watched = await watch(proxiedConfig()).run();
    const app = express();
    app.use((_request, response, next) => {
      next();
      void watched.printed('waiting').then(() => response.status(503).send('too late'));
    });
    app.use(sidecarProxy(watched.sidecar));
    const { origin } = await listen(createServer(app));
    const answer = await fetch(`${origin}/never`);
    expect([answer.status, await answer.text()]).toEqual([503, 'too late']);
    await watched.printed('gone');
  });

  it('takes a whole URL for its path', async () => {
    const watched = await watch(proxiedConfig()).run();
    const { port } = await expressHost(watched.sidecar, { path: '/' });
    const socket = connect(port, '127.0.0.1');
    socket.write('GET http://elsewhere.example/about?x HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n');
    const answer = String(Buffer.concat(await socket.toArray()));
    expect(answer).toContain('404');
    expect(watched.lines()).toEqual([]);
  });

  it('says what to do when a body parser has read the body, or sends what it is given', async () => {
    const watched = await watch(proxiedConfig()).run();
    const app = express().use(express.json());
    const failures: string[] = [];
    app.use('/strict', sidecarProxy(watched.sidecar, { onError: ({ message }) => failures.push(message) }));
    app.use(
      '/again',
      sidecarProxy(watched.sidecar, {
        parsedBody: (request) => ('body' in request ? JSON.stringify(request.body) : ''),
      }),
    );
    const { origin } = await listen(createServer(app));
    const post = (path: string, type: string) =>
      fetch(`${origin}${path}`, { method: 'POST', body: '{ "a" : 1 }', headers: { 'content-type': type } });
    const refused = await post('/strict/echo', 'application/json');
    expect(refused.status).toBe(500);
    expect(await refused.json()).toMatchObject({
      detail: expect.stringContaining('parsedBody'),
      reason: 'set-up',
    });
    expect(failures).toEqual([expect.stringContaining('mount the proxy before body parsers')]);
    expect(await (await post('/again/echo', 'application/json')).text()).toBe('{"a":1}');
    // What no parser touched passes as it is.
    expect(await (await post('/strict/echo', 'text/plain')).text()).toBe('{ "a" : 1 }');
  });

  it('lists every wrong option, and refuses a shared library', () => {
    const { sidecar } = watch(proxiedConfig());
    let error = new Error('nothing was wrong');
    try {
      // @ts-expect-error: a typing error in a key
      sidecarProxy(sidecar, { timeuot: 1, path: 'api', maxUpgrades: -1 });
    } catch (caught) {
      if (caught instanceof Error) error = caught;
    }
    expect(error).toBeInstanceOf(TypeError);
    for (const wrong of ['timeuot', 'path', 'maxUpgrades']) expect(error.message).toContain(wrong);

    const { sidecar: library } = watch(libraryConfig('./is-not-loaded.so'));
    expect(() => sidecarProxy(library)).toThrow('shared library');
    expect(() => sidecarGate(library)).toThrow('shared library');
  });
});
