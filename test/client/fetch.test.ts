import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { echoConfig, echoOverSocket } from '../support/echo-config.js';
import { rejection } from '../support/outcome.js';
import { watch } from '../support/watched-sidecar.js';

describe.each([
  ['TCP', async () => echoConfig()],
  ['a Unix socket', () => echoOverSocket()],
])('fetch over %s', (_transport, config) => {
  it("answers with the platform's Response, and takes its bodies", async () => {
    const { sidecar } = await watch(await config()).run();
    const form = new FormData();
    form.set('field', 'value');
    const response = await sidecar.fetch('/echo', { method: 'POST', body: form });
    expect(response).toBeInstanceOf(Response);
    expect(await response.text()).toContain('name="field"\r\n\r\nvalue');
    const blob = await sidecar.fetch('/echo', { method: 'PUT', body: new Blob(['a blob']) });
    expect(await blob.text()).toBe('a blob');
  });

  it('passes path, query, headers and trace context on as they are', async () => {
    const { sidecar } = await watch(await config()).run();
    const headers = {
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      tracestate: 'vendor=1',
      'x-request-id': 'request-1',
    };
    const about = await (await sidecar.fetch('/about?a=%2F&b=1', { headers })).json();
    expect(about).toMatchObject({ method: 'GET', url: '/about?a=%2F&b=1', headers });
    const { body } = await sidecar.request({ path: '/about', headers });
    expect(await body.json()).toMatchObject({ headers });
  });

  it('streams both ways at once', async () => {
    const { sidecar } = await watch(await config()).run();
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const sent = writer.write(new TextEncoder().encode('first'));
    const response = await sidecar.fetch('/echo', { method: 'POST', body: readable, duplex: 'half' });
    await sent;
    const reader = response.body?.getReader();
    const decode = async () => new TextDecoder().decode((await reader?.read())?.value);
    // What was sent comes back before the rest is there.
    expect(await decode()).toBe('first');
    await Promise.all([writer.write(new TextEncoder().encode('second')), writer.close()]);
    expect(await decode()).toBe('second');
    expect(await reader?.read()).toMatchObject({ done: true });
  });

  it('holds the sidecar up while nobody reads', async () => {
    const watched = await watch(await config()).run();
    const { body } = await watched.sidecar.request({ path: '/endless' });
    const [first] = await once(body, 'data');
    expect(first.length).toBeGreaterThan(0);
    body.pause();
    // Other requests are served meanwhile; what lies between is the buffers of the system and of the two processes.
    for (let turn = 0; turn < 20; turn += 1) await (await watched.sidecar.fetch('/about')).text();
    const wrote = watched.lines().filter((line) => line.startsWith('wrote'));
    for (let turn = 0; turn < 20; turn += 1) await (await watched.sidecar.fetch('/about')).text();
    expect(watched.lines().filter((line) => line.startsWith('wrote'))).toHaveLength(wrote.length);
    expect(wrote.length).toBeLessThan(40);
    body.on('error', () => {}).destroy();
  });

  it('keeps its deadline', async () => {
    const { sidecar } = await watch(await config()).run();
    const error = await rejection(sidecar.fetch('/never', { signal: AbortSignal.timeout(50) }));
    expect(error.name).toBe('TimeoutError');
    const requested = await rejection(sidecar.request({ path: '/never', signal: AbortSignal.timeout(50) }));
    expect(requested.name).toBe('TimeoutError');
  });
});

describe('fetch', () => {
  it('follows a redirect within the sidecar, and refuses one to elsewhere', async () => {
    const elsewhere = createServer((_request, response) => response.end('elsewhere')).listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    onTestFinished(() => {
      elsewhere.close();
    });
    const { port } = elsewhere.address() as AddressInfo;
    const watched = await watch(echoConfig()).run();
    const { sidecar } = watched;
    const about = await sidecar.fetch('/redirect?to=/about');
    expect(await about.json()).toMatchObject({ url: '/about' });
    const own = await sidecar.fetch(`/redirect?to=${watched.origin}/about`);
    expect(await own.json()).toMatchObject({ url: '/about' });
    const error = await rejection(sidecar.fetch(`/redirect?to=http://127.0.0.1:${port}/about`));
    expect(error.message).toContain(`redirected to http://127.0.0.1:${port}`);
    const manual = await sidecar.fetch('/redirect?to=http://example.org', { redirect: 'manual' });
    expect(manual.status).toBe(302);
  });

  it('refuses what is not a path, before anything is sent', async () => {
    const { sidecar } = await watch(echoConfig()).run();
    const error = await rejection(sidecar.fetch('http://example.org/'));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe('"http://example.org/" must be a path, which starts with "/"');
  });

  it('follows a process that moves, and lets what is under way at the old place finish or fail with it', async () => {
    const script = `
      const { createServer } = require('node:http');
      const { writeSync } = require('node:fs');
      const listen = () => {
        const server = createServer((request, response) => {
          if (request.url === '/never') return console.log('waiting');
          response.end(String(server.address().port));
        }).listen(0, '127.0.0.1', () => writeSync(3, 'X_ENDPOINT=' + server.address().port + '\\n'));
      };
      process.on('SIGUSR2', listen);
      listen();`;
    const watched = await watch(
      echoConfig({ process: { args: ['-e', script] }, endpoint: { from: 'notify' } }),
    ).run();
    const port = async () => (await watched.sidecar.fetch('/port')).text();
    const first = await port();
    const waiting = rejection(watched.sidecar.fetch('/never'));
    await watched.printed('waiting');
    process.kill(watched.pid, 'SIGUSR2');
    await watched.next(
      'endpoint-announced',
      ({ endpoint }) => !watched.origin.endsWith(first) && endpoint !== null,
    );
    expect(watched.origin.endsWith(await port())).toBe(true);
    expect(watched.sidecar.status().client.inFlight).toBe(1);
    process.kill(watched.pid, 'SIGKILL');
    expect(await waiting).toMatchObject({ name: 'SidecarDiedError', exit: { signal: 'SIGKILL' } });
  });

  it('follows the sidecar to the port of each incarnation', async () => {
    const watched = await watch(echoConfig()).run();
    const first = watched.origin;
    await watched.sidecar.restart();
    expect(await (await watched.sidecar.fetch('/about')).json()).toMatchObject({ pid: watched.pid });
    expect(watched.origin).not.toBe(first);
  });
});

describe('the dispatcher', () => {
  it('serves everything that undici can do, also with interceptors, and can not be closed', async () => {
    const { interceptors, request, stream } = await import('undici');
    const { sidecar } = await watch(echoConfig()).run();
    const { dispatcher } = sidecar;
    await dispatcher.close();
    await dispatcher.destroy();
    const { statusCode } = await request('http://anything.example/status?code=204', { dispatcher });
    expect(statusCode).toBe(204);
    const composed = dispatcher.compose(interceptors.redirect({ maxRedirections: 2 }));
    const redirected = await request('http://localhost/redirect?to=/about', { dispatcher: composed });
    expect(await redirected.body.json()).toMatchObject({ url: '/about' });
    const collected = new PassThrough();
    await stream(
      'http://localhost/echo',
      { dispatcher, method: 'POST', body: Readable.from(['a', 'b']) },
      () => collected,
    );
    expect(await text(collected)).toBe('ab');
  });

  it('waits with an interceptor, too, and tells it how the process died', async () => {
    const { interceptors } = await import('undici');
    const watched = watch(echoConfig());
    const composed = watched.sidecar.dispatcher.compose(interceptors.redirect({ maxRedirections: 1 }));
    watched.start();
    const { body } = await composed.request({ origin: 'http://localhost', path: '/about', method: 'GET' });
    expect(await body.json()).toMatchObject({ url: '/about' });
    const failing = rejection(
      composed.request({ origin: 'http://localhost', path: '/never', method: 'GET' }),
    );
    await watched.printed('waiting 1');
    process.kill(watched.pid, 'SIGKILL');
    expect(await failing).toMatchObject({ name: 'SidecarDiedError', exit: { signal: 'SIGKILL' } });
  });

  it('takes a connection over, and ends it with the process', async () => {
    const watched = await watch(echoConfig()).run();
    const { socket } = await watched.sidecar.dispatcher.upgrade({ path: '/', protocol: 'echo' });
    socket.write('hello');
    expect(String((await once(socket, 'data'))[0])).toBe('hello');
    expect(watched.sidecar.status().client.inFlight).toBe(1);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    process.kill(watched.pid, 'SIGKILL');
    await closed;
    expect(watched.sidecar.status().client.inFlight).toBe(0);
  });
});
