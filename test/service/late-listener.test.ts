import { createServer, type RequestListener } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lateListener } from '../../src/service/late-listener.js';

async function listening(load: () => Promise<RequestListener>, faults: unknown[] = []): Promise<string> {
  const server = createServer(lateListener(load, (error) => void faults.push(error)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it listens on no port');
  return `http://127.0.0.1:${address.port}`;
}

const textAt = async (url: string) => (await fetch(url)).text();

describe('what answers late', () => {
  it('is loaded once, with the first request, and answers those that came meanwhile', async () => {
    let loads = 0;
    const url = await listening(async () => {
      loads += 1;
      await new Promise((resolve) => setImmediate(resolve));
      return ({ url: asked }, response) => response.end(`answer to ${asked}`);
    });
    expect(loads).toBe(0);
    const answers = await Promise.all(['/a', '/b', '/c'].map((path) => textAt(url + path)));
    expect(answers).toEqual(['answer to /a', 'answer to /b', 'answer to /c']);
    expect(await textAt(`${url}/d`)).toBe('answer to /d');
    expect(loads).toBe(1);
  });

  it('is tried again with the next request when it could not be loaded, which is told', async () => {
    const faults: unknown[] = [];
    let isShort = true;
    const url = await listening(async () => {
      if (isShort) throw new Error('EMFILE');
      return (_request, response) => response.end('answer');
    }, faults);
    const refused = await fetch(url);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('connection')).toBe('close');
    expect(String(faults)).toBe('Error: EMFILE');
    isShort = false;
    expect(await textAt(url)).toBe('answer');
  });
});
