import { expect, it } from 'vitest';
import { eventually } from '../support/within.js';
import { folderFor } from './apply-folder.js';
import { SidecarCommand, sidecar } from './command.js';

it('sidecar apply takes a single sidecar, too, and stays when that does not come up', async () => {
  const { folder, write, one, pids } = await folderFor();
  await write({ name: 'api', ...one('api') });
  const run = new SidecarCommand(folder, ['run']);
  await run.printed(/ api +running /);
  const first = await pids();
  await write({ name: 'api', ...one('api'), process: { command: './missing' } });
  const failed = await sidecar(folder, 'apply');
  expect(failed).toMatchObject({ code: 1 });
  expect(failed.stderr).toContain('missing does not exist');
  await write({ name: 'api', ...one('api', 'mended') });
  expect((await sidecar(folder, 'apply')).code).toBe(0);
  expect((await pids())['api']).not.toBe(first['api']);
  expect((await sidecar(folder, 'status')).stdout).toMatch(/api +running/);
  run.signal('SIGINT');
  expect((await run.ended()).code).toBe(0);
});

it('sidecar apply is what SIGHUP means without a terminal', async () => {
  const { folder, write, one, pids } = await folderFor();
  await write({ sidecars: { db: one('db'), api: one('api') } });
  const run = new SidecarCommand(folder, ['run']);
  for (const name of ['db', 'api']) await run.printed(new RegExp(` ${name} +running `));
  const first = await pids();
  await write({ sidecars: { db: one('db'), api: one('api', 'other') } });
  run.signal('SIGHUP');
  await run.printed(/ api +stopped +as requested/);
  await run.printed(/ fleet +the configuration was changed/);
  await eventually(() => run.errors.includes('api    restart   process.args'), 'what it says of that');
  expect((await pids())['db']).toBe(first['db']);
  run.signal('SIGINT');
  expect((await run.ended()).code).toBe(0);
});
