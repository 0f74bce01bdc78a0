import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { serverConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { watch } from '../support/watched-sidecar.js';

it('what a sidecar prints is kept in a file, without secrets', async () => {
  const file = join(await tempFolder(), 'logs/api.log');
  const watched = await watch(
    serverConfig(
      { printEnv: 'API_TOKEN,NAME' },
      { log: { file }, process: { env: { API_TOKEN: 'very-secret', NAME: 'ada' } } },
    ),
  ).run();
  const first = watched.pid;
  process.kill(first, 'SIGKILL');
  await watched.next('healthy');
  const second = watched.pid;
  await watched.sidecar[Symbol.asyncDispose]();
  const lines = readFileSync(file, 'utf8').split('\n');
  const told = (pid: number) =>
    lines.filter((line) => line.includes(` ${pid} `)).map((line) => line.replace(/^\S+Z /, ''));
  for (const pid of [first, second]) {
    expect(told(pid).slice(0, 2)).toEqual([
      `${pid} stdout | API_TOKEN=[redacted]`,
      `${pid} stdout | NAME=ada`,
    ]);
    expect(told(pid)).toHaveLength(3);
  }
  expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \d+ stdout \| /);
});

it('a file that can not be written is one warning, and the sidecar runs on', async () => {
  const folder = await tempFolder();
  writeFileSync(join(folder, 'logs'), '');
  const file = join(folder, 'logs/api.log');
  const watched = await watch(serverConfig({ floodLines: 200 }, { log: { file } })).run();
  await expect.poll(() => watched.all('warning').length).toBe(1);
  expect(watched.all('warning')[0]?.message).toContain(`log.file ${file} can't be written: `);
  expect((await fetch(`${watched.origin}/health`)).status).toBe(200);
  await watched.stopsCleanly();
  expect(watched.all('warning')).toHaveLength(1);
});
