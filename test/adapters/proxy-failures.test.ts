import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { describe, expect, it } from 'vitest';
import { rejection } from '../support/outcome.js';
import { watch } from '../support/watched-sidecar.js';
import {
  expressHost,
  fastifyHost,
  frameworks,
  proxiedConfig,
  proxiedOverSocket,
} from '../support/web-hosts.js';
import { within } from '../support/within.js';

/** What an answer with a problem says (RFC 9457). */
async function problemIn(answer: Response): Promise<unknown> {
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  return answer.json();
}

/** A client that goes on with the same connection. */
const kept = { agent: false, headers: { connection: 'keep-alive' } };
const neverListens = { process: { args: ['-e', 'setInterval(() => {}, 1000)'] } };

describe.each(frameworks)('a request through a proxy in %s', (_name, makeHost) => {
  it('is answered 503 when the sidecar is stopped, and says why', async () => {
    const watched = watch(proxiedConfig({ name: 'greeter' }));
    const { origin } = await makeHost(watched.sidecar);
    const before = await fetch(`${origin}/api/about`);
    expect([before.status, before.headers.get('retry-after')]).toEqual([503, '10']);
    expect(await problemIn(before)).toEqual({
      type: 'about:blank',
      title: 'Service Unavailable',
      status: 503,
      detail: 'The sidecar "greeter" can’t serve this request; it is stopped: it was never started',
      reason: 'stopped',
      sidecar: 'greeter',
      state: 'stopped',
    });
    await watched.run();
    expect((await fetch(`${origin}/api/about`)).status).toBe(200);
    await watched.stopsCleanly();
    const after = await fetch(`${origin}/api/about`, { method: 'POST', body: 'x'.repeat(300_000) });
    expect(after.status).toBe(503);
    expect(await problemIn(after)).toMatchObject({ reason: 'stopped' });
  });

  it('is answered 502 when the process dies, without what it printed', async () => {
    const watched = await watch(proxiedConfig()).run();
    const { origin } = await makeHost(watched.sidecar);
    const { pid } = watched;
    const answering = fetch(`${origin}/api/never`);
    await watched.printed('waiting');
    process.kill(pid, 'SIGKILL');
    const answer = await within(answering, () => 'an answer');
    expect(answer.status).toBe(502);
    const problem = await problemIn(answer);
    expect(problem).toMatchObject({ title: 'Bad Gateway', reason: 'died' });
    expect(problem).toHaveProperty('detail', expect.stringContaining(`process ${pid} was ended by SIGKILL`));
    expect(JSON.stringify(problem)).not.toContain('waiting');
  });

  it('is answered 502 when the process dies before it has read the body, of which the rest is taken', async () => {
    const watched = await watch(proxiedConfig()).run();
    const { port } = await makeHost(watched.sidecar);
    const request = httpRequest({ host: '127.0.0.1', port, path: '/api/hold', method: 'POST', ...kept });
    request.write('x'.repeat(100_000));
    await watched.printed('holding');
    process.kill(watched.pid, 'SIGKILL');
    const [answer] = await within(once(request, 'response'), () => 'an answer');
    expect(answer.statusCode).toBe(502);
    const sent = once(request, 'finish');
    request.end('x'.repeat(20_000_000));
    await within(sent, () => 'the whole body to be taken');
    answer.resume();
  });

  it('is broken off when the process dies after the answer has begun', async () => {
    const watched = await watch(proxiedConfig()).run();
    const { origin } = await makeHost(watched.sidecar);
    const answer = await within(fetch(`${origin}/api/half`), () => 'the head of an answer');
    expect(answer.status).toBe(200);
    const reading = rejection(answer.text());
    process.kill(watched.pid, 'SIGKILL');
    expect((await reading).message).toBe('terminated');
  });

  it('is answered 504 when there is no answer in time, and given up', async () => {
    const watched = await watch(proxiedConfig()).run();
    const { origin } = await makeHost(watched.sidecar, { timeout: 200 });
    const answer = await within(fetch(`${origin}/api/never`), () => 'an answer');
    expect(answer.status).toBe(504);
    expect(await problemIn(answer)).toMatchObject({
      reason: 'deadline',
      detail: expect.stringContaining('did not answer within 200 ms (timeout)'),
    });
    await watched.printed('gone');
    expect(watched.sidecar.status().state).toBe('running');
  });
});

describe('a request through a proxy', () => {
  it.each([
    ['over TCP', async () => proxiedConfig(neverListens)],
    ['over a Unix socket', () => proxiedOverSocket(neverListens)],
  ])('is answered 503 when the sidecar is not ready in time, %s', async (_over, config) => {
    const { client = {}, ...others } = await config();
    const watched = watch({ ...others, client: { ...client, waitForReady: 100 } });
    const { origin } = await expressHost(watched.sidecar);
    watched.start();
    await watched.entered('waitingHealthy');
    const answer = await fetch(`${origin}/api/about`);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await problemIn(answer)).toMatchObject({
      reason: 'timeout',
      state: 'waitingHealthy',
      detail: expect.stringMatching(
        /not ready within 100 ms.*it is waitingHealthy \(process \d+ was started/,
      ),
    });
  });

  it('is answered 503 until the restart when it backs off', async () => {
    const watched = await watch(
      proxiedConfig({
        process: { restartDelay: 60_000, maxRestartDelay: 60_000 },
        client: { waitForReady: 0 },
      }),
    ).run();
    const { origin } = await expressHost(watched.sidecar);
    process.kill(watched.pid, 'SIGKILL');
    await watched.entered('restarting.backingOff');
    const answer = await fetch(`${origin}/api/about`);
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(20);
    expect(await problemIn(answer)).toMatchObject({ state: 'restarting.backingOff' });
  });

  it('that waits is answered by the next process, or 503 when there is none', async () => {
    const watched = await watch(proxiedConfig({ process: { restartDelay: 200 } })).run();
    const { origin } = await expressHost(watched.sidecar);
    process.kill(watched.pid, 'SIGKILL');
    await watched.entered('restarting.backingOff');
    const answer = await fetch(`${origin}/api/about`);
    expect(await answer.json()).toMatchObject({ pid: watched.pid });

    process.kill(watched.pid, 'SIGKILL');
    await watched.entered('restarting.backingOff');
    const waiting = fetch(`${origin}/api/about`);
    await watched.stopsCleanly();
    expect((await within(waiting, () => 'an answer')).status).toBe(503);
  });

  it('is answered 503 beside too many others, and when the circuit is open', async () => {
    const watched = watch(
      proxiedConfig({ client: { maxWaiting: 0, circuitBreaker: { threshold: 2, openFor: 60_000 } } }),
    );
    const { origin } = await expressHost(watched.sidecar);
    watched.start();
    expect(await problemIn(await fetch(`${origin}/api/about`))).toMatchObject({
      status: 503,
      reason: 'full',
    });
    await watched.entered('running');
    for (let asked = 0; asked < 2; asked += 1) {
      expect((await fetch(`${origin}/api/status?code=500`)).status).toBe(500);
    }
    const answer = await fetch(`${origin}/api/about`);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '60']);
    expect(await problemIn(answer)).toMatchObject({ reason: 'circuit-open' });
  });

  it.each(['/reset', '/garbage'])('is answered 502 when the connection gives %s', async (path) => {
    const watched = await watch(proxiedConfig()).run();
    const told: string[] = [];
    const { origin } = await expressHost(watched.sidecar, {
      explain: false,
      onError: (error, request) => told.push(`${request.method} ${request.url}: ${error.name}`),
    });
    const answer = await fetch(`${origin}/api${path}`);
    expect(answer.status).toBe(502);
    expect(await problemIn(answer)).toEqual({ type: 'about:blank', title: 'Bad Gateway', status: 502 });
    expect(told).toEqual([expect.stringMatching(`GET ${path}: .+`)]);
    expect(watched.sidecar.status()).toMatchObject({ state: 'running', client: { inFlight: 0 } });
  });

  it('gets the answer of a sidecar that does not want the body', async () => {
    const watched = await watch(proxiedConfig()).run();
    const { port } = await expressHost(watched.sidecar);
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      path: '/api/reject',
      method: 'POST',
      ...kept,
    });
    request.write('x'.repeat(300_000));
    const [answer] = await within(once(request, 'response'), () => 'an answer');
    expect(answer.statusCode).toBe(413);
    request.end();
    expect(String(Buffer.concat(await answer.toArray()))).toBe('too large');
  });

  it('is broken off when the answer stalls for too long', async () => {
    const watched = await watch(proxiedConfig()).run();
    const { origin } = await expressHost(watched.sidecar, { stallTimeout: 200 });
    const answer = await within(fetch(`${origin}/api/half`), () => 'the head of an answer');
    expect((await rejection(answer.text())).message).toBe('terminated');
    expect(watched.sidecar.status().client.inFlight).toBe(0);
  });

  it('is answered 408 when the client sends nothing more, which is nothing against the sidecar', async () => {
    const watched = await watch(proxiedConfig({ client: { circuitBreaker: { threshold: 1 } } })).run();
    const { origin, port } = await expressHost(watched.sidecar, { timeout: 200 });
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      path: '/api/about',
      method: 'POST',
      agent: false,
    });
    request.on('error', () => {}).write('a part');
    const [answer] = await within(once(request, 'response'), () => 'an answer');
    expect(answer.statusCode).toBe(408);
    request.destroy();
    expect((await fetch(`${origin}/api/about`)).status).toBe(200);
    expect((await fetch(`${origin}/api/never`)).status).toBe(504);
    expect((await fetch(`${origin}/api/about`)).status).toBe(503);
  });

  it.each([
    ['no path', () => 'no-path', '"no-path", which must start with "/"'],
    ['an error', (path: string) => decodeURIComponent(`${path}%`), 'the option rewrite threw: URIError'],
  ])('is answered 500 when rewrite gives %s', async (_what, rewrite, detail) => {
    const watched = await watch(proxiedConfig()).run();
    const { origin } = await expressHost(watched.sidecar, { rewrite });
    const answer = await fetch(`${origin}/api/about`, { method: 'POST', body: 'x'.repeat(300_000) });
    expect(await problemIn(answer)).toMatchObject({ status: 500, detail: expect.stringContaining(detail) });
  });

  it('in Fastify carries the fields that hooks have set', async () => {
    const watched = await watch(proxiedConfig()).run();
    const { origin } = await fastifyHost(watched.sidecar, {}, (app) => {
      app.addHook('onRequest', async (_request, reply) => {
        reply.header('x-by-hook', 'yes');
      });
    });
    expect((await fetch(`${origin}/api/about`)).headers.get('x-by-hook')).toBe('yes');
  });
});
