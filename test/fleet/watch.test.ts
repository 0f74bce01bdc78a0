import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compilerConfig } from '../support/compile-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { watchFleet } from '../support/watched-fleet.js';

async function project() {
  const cwd = await tempFolder();
  const save = (text: string) => writeFile(join(cwd, 'main.txt'), text);
  await save('one');
  const fleet = watchFleet((env) => {
    const { name: _, ...config } = compilerConfig(
      ['--input=main.txt', '--output=build/main.txt'],
      { cwd, env },
      { watch: { paths: ['*.txt'], cwd, delay: 50 }, process: { env } },
    );
    return { sidecars: { api: { ...config, instances: 2, stateDirectory: null } } };
  });
  return { fleet, save, built: () => readFile(join(cwd, 'build/main.txt'), 'utf8') };
}

it('rolls a reload through all instances when a source is saved, compiling once', async () => {
  const { fleet, save, built } = await project();
  await fleet.run();
  const pids = () => fleet.fleet.sidecars.get('api')?.map((sidecar) => sidecar.status().pid);
  const before = pids();
  await save('two');
  await fleet.next('rolled', ({ name }) => name === 'api-1');
  await fleet.next('rolled', ({ name }) => name === 'api-2');
  await fleet.next('rollout-done');
  expect(await built()).toBe('two');
  for (const pid of pids() ?? []) expect(before).not.toContain(pid);
  const generations = fleet.fleet.sidecars.get('api')?.map((sidecar) => sidecar.status().generation);
  expect(generations).toEqual([2, 2]);
  await fleet.fleet.stop();
  fleet.leavesNothing();
});
