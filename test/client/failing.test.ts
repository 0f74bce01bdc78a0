import { describe, expect, it } from 'vitest';
import type { SidecarConfig } from '../../src/index.js';
import { echoConfig } from '../support/echo-config.js';
import { rejection } from '../support/outcome.js';
import { watch } from '../support/watched-sidecar.js';

type Client = NonNullable<SidecarConfig['client']>;

/** Ends at the first request after its start, with or without reading it, and serves from the second start on. */
const crashesOnce = `
  const { existsSync, writeFileSync } = require('node:fs');
  require('node:http').createServer((request, response) => {
    if (request.url === '/health') return response.end();
    console.log(request.method, request.url);
    if (existsSync(process.env.MARK)) return request.pipe(response);
    writeFileSync(process.env.MARK, '');
    process.exit(3);
  }).listen(process.env.PORT, process.env.HOST);`;

async function crashing(client: Client) {
  const { tempFolder } = await import('../support/temp-folder.js');
  const env = { MARK: `${await tempFolder()}/crashed` };
  return watch(echoConfig({ process: { args: ['-e', crashesOnce], env }, client })).run();
}

describe('a request that died with the process', () => {
  it.each(['GET', 'PUT', 'DELETE'])(
    'is sent once more with client.retry, when it is a %s',
    async (method) => {
      const { sidecar } = await crashing({ retry: true });
      const { statusCode, body } = await sidecar.request({
        path: '/x',
        method,
        body: method === 'GET' ? null : 'text',
      });
      expect(statusCode).toBe(200);
      expect(await body.text()).toBe(method === 'GET' ? '' : 'text');
    },
  );

  it('is sent once more by fetch, too', async () => {
    const { sidecar } = await crashing({ retry: true });
    const response = await sidecar.fetch('/x', { method: 'PUT', body: new Blob(['a blob']) });
    expect(await response.text()).toBe('a blob');
  });

  it.each([
    ['its method is not idempotent', { retry: true }, { method: 'POST', body: 'text' }],
    [
      'its body is a stream',
      { retry: true },
      { method: 'PUT', body: new Blob(['stream']).stream(), duplex: 'half' },
    ],
    ['client.retry is off', {}, { method: 'GET' }],
  ] as const)('is not when %s', async (_why, client, init) => {
    const watched = await crashing(client);
    expect(await rejection(watched.sidecar.fetch('/x', init))).toMatchObject({
      name: 'SidecarDiedError',
      isSent: true,
    });
    await watched.next('healthy');
    expect(watched.lines().filter((line) => line.endsWith('/x'))).toHaveLength(1);
  });

  it('is sent at most twice', async () => {
    const watched = await watch(echoConfig({ client: { retry: true } })).run();
    const error = await rejection(watched.sidecar.fetch('/crash'));
    expect(error).toMatchObject({ name: 'SidecarDiedError', exit: { code: 3 } });
    expect(watched.all('process-death')).toHaveLength(2);
  });

  it('that was never sent is sent to the next process, whatever its method', async () => {
    const watched = await watch(echoConfig({ client: { retry: true, connections: 1 } })).run();
    const first = rejection(watched.sidecar.request({ path: '/never', method: 'POST' }));
    await watched.printed('waiting 1');
    const queued = watched.sidecar.request({ path: '/echo', method: 'POST', body: 'queued' });
    process.kill(watched.pid, 'SIGKILL');
    expect(await first).toMatchObject({ name: 'SidecarDiedError', isSent: true });
    expect(await (await queued).body.text()).toBe('queued');
  });
});

describe('the circuit breaker', () => {
  const client: Client = { circuitBreaker: { threshold: 3, openFor: 200 } };
  const ask = async (sidecar: { fetch(path: string): Promise<Response> }, code: number) =>
    (await sidecar.fetch(`/status?code=${code}`)).status;

  it('opens after consecutive 5xx answers, lets one through after a while, and closes when that works', async () => {
    const watched = await watch(echoConfig({ client })).run();
    const { sidecar } = watched;
    for (const code of [500, 502, 404, 500, 503]) expect(await ask(sidecar, code)).toBe(code);
    expect(sidecar.status().client.circuit).toBe('closed');
    expect(await ask(sidecar, 500)).toBe(500);
    await watched.next('circuit', ({ state }) => state === 'open');
    expect(sidecar.status().client.circuit).toBe('open');
    const error = await rejection(sidecar.request({ path: '/about' }));
    expect(error).toMatchObject({ name: 'SidecarUnavailableError', kind: 'circuit-open' });
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(await ask(sidecar, 500)).toBe(500);
    await watched.next('circuit', ({ state }) => state === 'half-open');
    await watched.next('circuit', ({ state }) => state === 'open');
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(await ask(sidecar, 200)).toBe(200);
    await watched.next('circuit', ({ state }) => state === 'closed');
    expect(await ask(sidecar, 200)).toBe(200);
  });

  it('opens after consecutive timeouts, and not for requests that were given up', async () => {
    const watched = await watch(echoConfig({ client })).run();
    const { sidecar } = watched;
    const never = (signal: AbortSignal) => rejection(sidecar.fetch('/never', { signal }));
    for (let times = 0; times < 5; times += 1) await never(AbortSignal.abort());
    expect(sidecar.status().client.circuit).toBe('closed');
    for (let times = 0; times < 3; times += 1) await never(AbortSignal.timeout(20));
    await watched.next('circuit', ({ state }) => state === 'open');
    expect(await rejection(sidecar.fetch('/about'))).toMatchObject({ kind: 'circuit-open' });
  });

  it('is closed for the next process', async () => {
    const watched = await watch(
      echoConfig({ client: { circuitBreaker: { threshold: 1, openFor: 60_000 } } }),
    ).run();
    expect(await ask(watched.sidecar, 500)).toBe(500);
    await watched.next('circuit', ({ state }) => state === 'open');
    await watched.sidecar.restart();
    expect(watched.sidecar.status().client.circuit).toBe('closed');
    expect(await ask(watched.sidecar, 200)).toBe(200);
  });

  it('can be switched off', async () => {
    const { sidecar } = await watch(echoConfig({ client: { circuitBreaker: null } })).run();
    for (let times = 0; times < 30; times += 1) expect(await ask(sidecar, 500)).toBe(500);
    expect(await ask(sidecar, 200)).toBe(200);
  });
});

describe('the fallback', () => {
  it('answers instead when the sidecar can not, and is told why', async () => {
    const asked: unknown[] = [];
    const fallback: Client['fallback'] = (error, request) => {
      asked.push([error.name, request]);
      return Response.json({ from: 'fallback' });
    };
    const watched = watch(echoConfig({ client: { fallback } }));
    const { sidecar } = watched;
    expect(await (await sidecar.fetch('/a?b', { method: 'POST' })).json()).toEqual({ from: 'fallback' });
    await watched.run();
    expect((await sidecar.fetch('/status?code=500')).status).toBe(500);
    expect(await (await sidecar.fetch('/crash')).json()).toEqual({ from: 'fallback' });
    expect(asked).toEqual([
      ['SidecarUnavailableError', { method: 'POST', path: '/a?b' }],
      ['SidecarDiedError', { method: 'GET', path: '/crash' }],
    ]);
  });

  it('that fails is the error of the request', async () => {
    const client: Client = {
      fallback: () => {
        throw new Error('no fallback either');
      },
    };
    const { sidecar } = watch(echoConfig({ client }));
    expect((await rejection(sidecar.fetch('/'))).message).toBe('no fallback either');
  });
});

describe('a call', () => {
  it('to a process is refused, as it has no functions', async () => {
    const { sidecar } = await watch(echoConfig()).run();
    expect(() => sidecar.call('add', 1, 2)).toThrow('only with the transport "direct"');
    expect(await rejection(sidecar.callAsync('add'))).toMatchObject({ kind: 'transport' });
  });
});
