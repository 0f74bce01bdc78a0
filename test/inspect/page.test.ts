import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { Page } from '../../src/inspect/page.js';
import { tempFolder } from '../support/temp-folder.js';

/** What a page in this folder answers, path by path. */
async function serve(folder: string | null) {
  const page = new Page(folder);
  const server = createServer((request, response) => void page.answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it listens nowhere');
  const { port } = address;
  return async (path: string, method = 'GET') => {
    const sent = request({ host: '127.0.0.1', port, path, method, agent: false }).end();
    const [response] = await once(sent, 'response');
    return { status: response.statusCode, headers: response.headers, text: await text(response) };
  };
}

it('is the files that were built, each with its type, and nothing beside them', async () => {
  const folder = await tempFolder();
  const built = join(folder, 'inspector');
  await mkdir(join(built, 'assets'), { recursive: true });
  await writeFile(join(built, 'index.html'), '<!doctype html>');
  await writeFile(join(built, 'assets', 'page-1a2b.js'), 'export {};');
  await writeFile(join(folder, 'secret.txt'), 'secret');
  const ask = await serve(built);
  expect(await ask('/inspect/')).toMatchObject({
    status: 200,
    text: '<!doctype html>',
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
  });
  expect(await ask('/inspect/assets/page-1a2b.js?x=1')).toMatchObject({
    status: 200,
    text: 'export {};',
    headers: { 'content-type': 'text/javascript; charset=utf-8', 'x-content-type-options': 'nosniff' },
  });
  expect(await ask('/inspect/', 'HEAD')).toMatchObject({
    status: 200,
    text: '',
    headers: { 'content-length': '15' },
  });
  for (const path of [
    '/inspect/../secret.txt',
    '/inspect/..%2Fsecret.txt',
    '/inspect/assets',
    '/inspect/assets/',
  ]) {
    expect((await ask(path)).status, path).toBe(404);
  }
});

it('that is not built says how it is', async () => {
  for (const folder of [null, join(await tempFolder(), 'missing'), await tempFolder()]) {
    const ask = await serve(folder);
    expect(await ask('/inspect/')).toMatchObject({
      status: 200,
      text: expect.stringContaining('npm run build'),
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    });
    expect((await ask('/inspect/page.js')).status).toBe(404);
  }
});
