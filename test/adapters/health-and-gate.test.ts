import { createServer } from 'node:http';
import express from 'express';
import fastify from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SidecarGateOptions, SidecarHealthOptions } from '../../src/adapters/express.js';
import * as forExpress from '../../src/adapters/express.js';
import * as forFastify from '../../src/adapters/fastify.js';
import type { Sidecar } from '../../src/index.js';
import { echoConfig } from '../support/echo-config.js';
import { outcome } from '../support/outcome.js';
import { watch } from '../support/watched-sidecar.js';
import { listen } from '../support/web-hosts.js';
import { eventually, within } from '../support/within.js';

/** Makes a web server with `/ready`, `/live`, and `/` behind a gate; its origin. */
type MakeHost = (sidecar: Sidecar, gate?: SidecarGateOptions) => Promise<string>;

const live: SidecarHealthOptions = { kind: 'liveness' };

async function expressOrigin(sidecar: Sidecar, gate?: SidecarGateOptions): Promise<string> {
  const app = express();
  app.get('/ready', forExpress.sidecarHealth(sidecar));
  app.get('/live', forExpress.sidecarHealth(sidecar, live));
  app.use(forExpress.sidecarGate(sidecar, gate));
  app.use((_request, response) => {
    response.send('passed');
  });
  return (await listen(createServer(app))).origin;
}

async function plainOrigin(sidecar: Sidecar, options?: SidecarGateOptions): Promise<string> {
  const [ready, alive] = [forExpress.sidecarHealth(sidecar), forExpress.sidecarHealth(sidecar, live)];
  const gate = forExpress.sidecarGate(sidecar, options);
  const server = createServer((request, response) => {
    if (request.url === '/ready') ready(request, response);
    else if (request.url === '/live') alive(request, response);
    else gate(request, response, () => response.end('passed'));
  });
  return (await listen(server)).origin;
}

async function fastifyOrigin(sidecar: Sidecar, gate?: SidecarGateOptions): Promise<string> {
  const app = fastify({ forceCloseConnections: true });
  app.get('/ready', forFastify.sidecarHealth(sidecar));
  app.get('/live', forFastify.sidecarHealth(sidecar, live));
  app.get('/', { onRequest: forFastify.sidecarGate(sidecar, gate) }, async () => 'passed');
  onTestFinished(() => app.close());
  return app.listen({ host: '127.0.0.1', port: 0 });
}

const hosts: readonly (readonly [string, MakeHost])[] = [
  ['node:http', plainOrigin],
  ['Express', expressOrigin],
  ['Fastify', fastifyOrigin],
];

async function statuses(origin: string): Promise<{ ready: number; live: number }> {
  const [ready, alive] = await Promise.all([fetch(`${origin}/ready`), fetch(`${origin}/live`)]);
  return { ready: ready.status, live: alive.status };
}

describe.each(hosts)('the health handler in %s', (_name, makeHost) => {
  it('says how the sidecar is, and what its checks found', async () => {
    const watched = watch(
      echoConfig({
        name: 'greeter',
        healthCheck: { readiness: { path: '/ready', interval: 20 }, retryInterval: 20 },
      }),
    );
    const origin = await makeHost(watched.sidecar);
    expect(await statuses(origin)).toEqual({ ready: 503, live: 200 });
    await watched.run();
    await watched.next('ready');
    const answer = await fetch(`${origin}/ready`);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await answer.json()).toMatchObject({
      name: 'greeter',
      state: 'running',
      reason: null,
      healthy: true,
      ready: true,
      checks: [{ passed: true, check: expect.stringContaining('/health'), passes: expect.any(Number) }],
      readinessChecks: [{ passed: true, check: expect.stringContaining('/ready') }],
    });
    await (await fetch(`${watched.origin}/set?ready=no`)).text();
    await watched.next('not-ready');
    const notReady = await fetch(`${origin}/ready`);
    expect(notReady.status).toBe(503);
    expect(await notReady.json()).toMatchObject({
      healthy: true,
      ready: false,
      readinessChecks: [{ passed: false, lastError: expect.stringContaining('503') }],
    });
    expect(await statuses(origin)).toEqual({ ready: 503, live: 200 });
    const head = await fetch(`${origin}/live`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    await watched.stopsCleanly();
    expect(await statuses(origin)).toEqual({ ready: 503, live: 200 });
  });

  it('calls it dead only when it is stopped against its will', async () => {
    const watched = await watch(echoConfig({ process: { autoRestart: false } })).run();
    const origin = await makeHost(watched.sidecar);
    expect(await statuses(origin)).toEqual({ ready: 200, live: 200 });
    process.kill(watched.pid, 'SIGKILL');
    await watched.entered('stopped');
    expect(await statuses(origin)).toEqual({ ready: 503, live: 503 });
    expect(await (await fetch(`${origin}/live`)).json()).toMatchObject({
      state: 'stopped',
      reason: 'exited',
    });
  });

  it('calls one that sleeps until it is needed ready', async () => {
    const watched = watch(echoConfig({ lazy: true, idleTimeout: 100 }));
    const origin = await makeHost(watched.sidecar);
    expect(await statuses(origin)).toEqual({ ready: 200, live: 200 });
    await watched.run();
    await watched.next('stopped');
    expect(await statuses(origin)).toEqual({ ready: 200, live: 200 });
    expect(watched.sidecar.status().state).toBe('stopped');
  });
});

describe.each(hosts)('the readiness gate in %s', (_name, makeHost) => {
  it('lets requests pass once the sidecar is ready', async () => {
    const watched = watch(echoConfig());
    const origin = await makeHost(watched.sidecar);
    watched.start();
    const waiting = fetch(origin);
    expect(await (await within(waiting, () => 'an answer')).text()).toBe('passed');
    expect(watched.sidecar.status()).toMatchObject({ state: 'running', client: { waiting: 0 } });
  });

  it('answers 503 with what the sidecar is doing, and why', async () => {
    const watched = watch(
      echoConfig({ process: { args: ['-e', 'setInterval(() => {}, 1000)'] }, client: { waitForReady: 100 } }),
    );
    const origin = await makeHost(watched.sidecar);
    const stopped = await fetch(origin);
    expect(await stopped.json()).toMatchObject({ reason: 'stopped', state: 'stopped' });
    watched.start();
    await watched.entered('waitingHealthy');
    const late = await fetch(origin);
    expect([late.status, late.headers.get('retry-after')]).toEqual([503, '1']);
    expect(late.headers.get('content-type')).toBe('application/problem+json');
    expect(await late.json()).toMatchObject({
      reason: 'timeout',
      state: 'waitingHealthy',
      detail: expect.stringMatching(
        /not ready within 100 ms.*it is waitingHealthy \(process \d+ was started/,
      ),
    });
  });

  it('answers at once where that is wanted, and wakes a sidecar that sleeps', async () => {
    const watched = watch(echoConfig({ lazy: true }));
    const origin = await makeHost(watched.sidecar, { wait: false });
    const answer = await fetch(origin);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ reason: 'not-ready' });
    await watched.entered('running');
    expect(await (await fetch(origin)).text()).toBe('passed');
  });

  it('forgets requests that are given up', async () => {
    const watched = watch(
      echoConfig({
        process: { args: ['-e', 'setInterval(() => {}, 1000)'] },
        client: { waitForReady: 600_000 },
      }),
    );
    const origin = await makeHost(watched.sidecar);
    watched.start();
    const giveUp = new AbortController();
    const asking = outcome(fetch(origin, { signal: giveUp.signal }));
    await eventually(() => watched.sidecar.status().client.waiting === 1, 'a request that waits');
    giveUp.abort();
    expect(await asking).toMatchObject({ name: 'AbortError' });
    await eventually(() => watched.sidecar.status().client.waiting === 0, 'none that waits');
  });
});

describe('an adapter', () => {
  it('leaves an answer alone that somebody else has given meanwhile', async () => {
    const { sidecar } = watch(echoConfig());
    const app = express();
    app.use((_request, response, next) => {
      next();
      response.send('first');
    });
    app.get('/ready', forExpress.sidecarHealth(sidecar));
    app.use(forExpress.sidecarGate(sidecar));
    const { origin } = await listen(createServer(app));
    for (const path of ['/ready', '/']) {
      const answer = await fetch(`${origin}${path}`);
      expect([answer.status, await answer.text()]).toEqual([200, 'first']);
    }
  });
});

describe('whenReady()', () => {
  it('waits beside requests, and is given up by its signal', async () => {
    const watched = watch(echoConfig({ client: { maxWaiting: 1 } }));
    const { sidecar } = watched;
    expect(await outcome(sidecar.whenReady())).toMatchObject({ kind: 'stopped' });
    watched.start();
    const giveUp = new AbortController();
    const first = outcome(sidecar.whenReady({ signal: giveUp.signal }));
    expect(await outcome(sidecar.whenReady())).toMatchObject({ kind: 'full' });
    giveUp.abort(new Error('not needed any more'));
    expect(await first).toMatchObject({ message: 'not needed any more' });
    expect(await outcome(sidecar.whenReady())).toBe('done');
    expect(sidecar.status().state).toBe('running');
    expect(await outcome(sidecar.whenReady({ wait: false }))).toBe('done');
  });
});
