import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { type WatchedSidecar, watch } from '../support/watched-sidecar.js';
import { frameworks, proxiedConfig } from '../support/web-hosts.js';
import { within } from '../support/within.js';
import { quiet } from './quiet.js';

const MIB = 1024 * 1024;
const SIZE = 64;
/** What may lie in buffers between a source and a reader that reads nothing: those of two connections, and of streams. */
const BUFFERED = 32;

/** How many MiB the sidecar has done something with. */
function mebibytes(watched: WatchedSidecar, did: 'wrote' | 'took'): number {
  return watched.lines().filter((line) => line.startsWith(`${did} `)).length;
}

describe.each(frameworks)('a large body through a proxy in %s', (_name, makeHost) => {
  it('is not sent by the sidecar before the client takes it', async () => {
    const watched = await watch(proxiedConfig()).run();
    const { port } = await makeHost(watched.sidecar);
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      path: `/api/large?mb=${SIZE}`,
      agent: false,
    }).end();
    const [answer]: IncomingMessage[] = await within(once(request, 'response'), () => 'an answer');
    if (answer === undefined) throw new Error('There is no answer.');
    // Nobody reads: the source comes to rest, and far from its end.
    await quiet(() => mebibytes(watched, 'wrote'));
    expect(mebibytes(watched, 'wrote')).toBeLessThan(BUFFERED);
    let read = 0;
    for await (const piece of answer) read += piece.length;
    expect(read).toBe(SIZE * MIB);
    await watched.printed(`wrote ${SIZE}`);
    await watched.stopsCleanly();
  });

  it('is not taken from the client before the sidecar takes it', async () => {
    const watched = await watch(proxiedConfig()).run();
    const { origin, port } = await makeHost(watched.sidecar);
    const request = httpRequest({ host: '127.0.0.1', port, path: '/api/hold', method: 'POST', agent: false });
    const answered = once(request, 'response');
    let sent = 0;
    const send = () => {
      while (sent < SIZE) {
        sent += 1;
        if (!request.write(Buffer.alloc(MIB))) return request.once('drain', send);
      }
      return request.end();
    };
    send();
    await watched.printed('holding');
    await quiet(() => sent);
    expect(sent).toBeLessThan(BUFFERED);
    await (await fetch(`${origin}/api/release`)).text();
    const [answer]: IncomingMessage[] = await within(answered, () => 'an answer');
    expect(String(Buffer.concat((await answer?.toArray()) ?? []))).toBe(String(SIZE * MIB));
  });

  it('ends for the sidecar when the client hangs up', async () => {
    const watched = await watch(proxiedConfig()).run();
    const { port } = await makeHost(watched.sidecar);
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      path: `/api/large?mb=${SIZE}`,
      agent: false,
    }).end();
    request.on('error', () => {});
    await within(once(request, 'response'), () => 'an answer');
    request.destroy();
    await watched.printed('gone');
    expect(watched.sidecar.status().client.inFlight).toBe(0);
  });
});
