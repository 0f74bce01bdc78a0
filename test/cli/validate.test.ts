import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CliError } from '../../src/cli/cli-error.js';
import { loadConfigFile } from '../../src/cli/config-file.js';
import { tempFolder } from '../support/temp-folder.js';
import { sidecar } from './command.js';

/** A folder with one file. */
async function folderWith(name: string, text: string): Promise<string> {
  const folder = await tempFolder();
  await writeFile(join(folder, name), text);
  return folder;
}

async function refusal(path: string): Promise<CliError> {
  const error = await loadConfigFile(path).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof CliError)) throw new Error(`expected a CliError, got ${error}`);
  return error;
}

describe('sidecar validate', () => {
  it('lists everything that is wrong, with its path, and exits with 2', async () => {
    const wrong = `export default { proces: 1, process: { command: 'x', restartDelay: -1 } }`;
    const folder = await folderWith('sidecar.config.ts', wrong);
    const { code, stdout, stderr } = await sidecar(folder, 'validate');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(
      `${join(folder, 'sidecar.config.ts')}: The sidecar configuration has 2 problem(s)`,
    );
    expect(stderr).toContain('process.restartDelay');
    expect(stderr).toContain('did you mean "process"?');
  });

  it('says that it is right, for a file elsewhere', async () => {
    const folder = await folderWith(
      'other.json',
      '{ "name": "api", "process": { "command": "sleep", "args": ["1"] } }',
    );
    const { code, stdout } = await sidecar(await tempFolder(), 'validate', '-c', join(folder, 'other.json'));
    expect(code).toBe(0);
    expect(stdout).toBe(`${join(folder, 'other.json')} is right: "api" runs sleep 1\n`);
  });

  it('says where it looked when there is no file', async () => {
    const folder = await tempFolder();
    const { code, stderr } = await sidecar(folder, 'validate');
    expect(code).toBe(2);
    expect(stderr).toContain(
      `there is no sidecar.config.ts (.mts, .js, .mjs, .json) in ${folder}; make one with "sidecar init"`,
    );
  });
});

describe('a configuration file', () => {
  it('may be TypeScript that uses the package, where nothing is installed', async () => {
    const text = `import { defineConfig } from 'sidecar-machine';
      const name: string = 'typed';
      export default defineConfig({ name, process: { command: 'x' } });`;
    const folder = await folderWith('sidecar.config.ts', text);
    const { value } = await loadConfigFile(join(folder, 'sidecar.config.ts'));
    expect(value).toEqual({ name: 'typed', process: { command: 'x' } });
  });

  it('is read anew each time', async () => {
    const folder = await folderWith('sidecar.config.mjs', 'export default { name: "one" }');
    const path = join(folder, 'sidecar.config.mjs');
    expect((await loadConfigFile(path)).value).toEqual({ name: 'one' });
    await writeFile(path, 'export default { name: "two" }');
    expect((await loadConfigFile(path)).value).toEqual({ name: 'two' });
  });

  it.each([
    ['is not there', 'a.ts', null, 'there is no configuration file'],
    ['exports nothing by default', 'a.ts', 'export const config = {}', 'has no default export'],
    ['does not parse', 'a.ts', 'export default {', "can't be loaded"],
    ['throws', 'a.ts', 'throw new Error("not today")', 'not today'],
    ['is no JSON', 'a.json', '{', "can't be read"],
  ])('that %s is told by its path', async (_, name, text, message) => {
    const folder = text === null ? await tempFolder() : await folderWith(name, text);
    const error = await refusal(join(folder, name));
    expect(error.message).toContain(join(folder, name));
    expect(error.message).toContain(message);
  });
});
