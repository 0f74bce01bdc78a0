import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { serverConfig } from '../support/server-config.js';
import { type WatchedSidecar, watch } from '../support/watched-sidecar.js';
import { within } from '../support/within.js';
import { LookingOn, lookOn, pageOf } from './looking-on.js';

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

type Headers = Readonly<Record<string, string>>;

async function answerOf(page: URL, path: string, headers: Headers = {}, method = 'GET'): Promise<Answer> {
  const sent = request({ host: page.hostname, port: page.port, path, method, headers, agent: false });
  const answered = Promise.race([
    once(sent, 'response').then(([response]) => response),
    once(sent, 'upgrade').then(([response, socket]) => {
      socket.destroy();
      return response;
    }),
  ]);
  sent.end();
  const response: IncomingMessage = await within(answered, () => `an answer to ${path}`);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: response.statusCode === 101 ? '' : await text(response),
  };
}

/** What a handshake for the socket is answered. */
async function handshake(page: URL, token: string | null, headers: Headers = {}): Promise<number> {
  const query = token === null ? '' : `?token=${encodeURIComponent(token)}`;
  const { status } = await answerOf(page, `/inspect/socket${query}`, {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.alloc(16).toString('base64'),
    ...headers,
  });
  return status;
}

async function shown(): Promise<{ watched: WatchedSidecar; page: URL; token: string }> {
  const watched = await watch(serverConfig({}, { inspect: true })).run();
  const page = await pageOf(watched.sidecar);
  return { watched, page, token: page.hash.replace('#token=', '') };
}

describe('the socket', () => {
  it('lets nobody in without the token, from another site, or by another name', async () => {
    const { watched, page, token } = await shown();
    expect(page.hostname).toBe('127.0.0.1');
    expect(token).toMatch(/^[\w-]{43}$/);
    const { port } = page;

    expect(await handshake(page, token)).toBe(101);
    expect(await handshake(page, token, { origin: page.origin })).toBe(101);
    expect(
      await handshake(page, token, { host: `localhost:${port}`, origin: `http://localhost:${port}` }),
    ).toBe(101);
    for (const origin of ['chrome-extension://abcdefghijklmnop', 'moz-extension://0b2c1d2e-aaaa']) {
      expect(await handshake(page, token, { origin }), origin).toBe(101);
    }

    for (const wrong of [null, '', `${token}x`, token.slice(1), token.toUpperCase()]) {
      expect(await handshake(page, wrong), String(wrong)).toBe(401);
      expect(await handshake(page, wrong, { origin: page.origin }), String(wrong)).toBe(401);
    }
    for (const origin of [
      'https://evil.example',
      'null',
      '',
      'no origin',
      `https://127.0.0.1:${port}`,
      'http://127.0.0.1',
      `http://127.0.0.1:${port}.evil.example`,
      `http://localhost:${port}`,
      'file://',
    ]) {
      expect(await handshake(page, token, { origin }), origin).toBe(403);
    }
    // Its name was made to lead here (DNS rebinding), so that its origin is that of the host.
    for (const host of [`evil.example:${port}`, 'localhost.evil.example', '127.0.0.1.evil.example']) {
      expect(await handshake(page, token, { host, origin: `http://${host}` }), host).toBe(403);
      expect(await handshake(page, token, { host }), host).toBe(403);
    }
    expect(watched.states().at(-1)).toBe('running');
    await watched.stopsCleanly();
  });

  it('is at one place, and no other protocol', async () => {
    const { watched, page, token } = await shown();
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket' };
    expect((await answerOf(page, `/other?token=${token}`, upgrade)).status).toBe(404);
    expect((await answerOf(page, `/inspect/socket?token=${token}`, upgrade)).status).toBe(400);
    expect(
      (await answerOf(page, `/inspect/socket?token=${token}`, { ...upgrade, upgrade: 'h2c' })).status,
    ).toBe(400);
    for (const path of ['//', '//:', '//[', 'http://[', '/%', '*']) {
      expect((await answerOf(page, path, upgrade)).status, path).toBe(404);
      expect((await answerOf(page, path)).status, path).toBeLessThan(500);
    }
    expect(watched.states().at(-1)).toBe('running');
    await watched.stopsCleanly();
  });

  it('has room for so many, and for others once they are gone', async () => {
    const { watched, page, token } = await shown();
    const viewers = await Promise.all(Array.from({ length: 32 }, () => lookOn(watched.sidecar)));
    expect(await handshake(page, token)).toBe(503);
    const [first] = viewers;
    first?.socket.close();
    await first?.closed();
    const next = new LookingOn(page);
    await next.next('service.recent');
    await watched.stopsCleanly();
  });
});

describe('the page', () => {
  it('is protected, comes without the token, and from this machine only', async () => {
    const { watched, page } = await shown();
    const { status, headers } = await answerOf(page, '/inspect/');
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    });
    const policy = headers['content-security-policy'];
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain(`connect-src 'self' ws://${page.host}`);
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect((await answerOf(page, '/inspect/', { host: 'evil.example' })).status).toBe(403);
    expect(await answerOf(page, '/')).toMatchObject({ status: 302, headers: { location: '/inspect/' } });
    expect(await answerOf(page, '/inspect')).toMatchObject({ status: 302 });
    expect((await answerOf(page, '/inspect/', {}, 'HEAD')).text).toBe('');
    expect((await answerOf(page, '/inspect/', {}, 'POST')).status).toBe(404);
    await watched.stopsCleanly();
  });

  it('gives out no other file', async () => {
    const { watched, page } = await shown();
    for (const path of [
      '/inspect/../package.json',
      '/inspect/..%2fpackage.json',
      '/inspect/%2e%2e/package.json',
      '/inspect/../../package.json',
      '/inspect//etc/passwd',
      '/inspect/assets/../../../package.json',
      '/package.json',
      '/etc/passwd',
      '//etc/passwd',
    ]) {
      const answer = await answerOf(page, path);
      expect(answer.status, path).toBe(404);
      expect(answer.text).not.toMatch(/root:|dependencies/);
    }
    await watched.stopsCleanly();
  });
});
