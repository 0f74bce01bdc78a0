import { expect, it } from 'vitest';
import { tempFolder } from '../support/temp-folder.js';
import { sidecar } from './command.js';

it('help lists the commands and the exit codes', async () => {
  const { code, stdout } = await sidecar(await tempFolder(), '--help');
  expect(code).toBe(0);
  for (const each of ['init', 'run', 'validate', 'graph', 'Exit codes']) expect(stdout).toContain(each);
});

it('a word that is no command is told with the nearest one', async () => {
  const { code, stdout, stderr } = await sidecar(await tempFolder(), 'rum');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain("unknown command 'rum'");
  expect(stderr).toContain('Did you mean run?');
});

it('two formats at once are refused', async () => {
  const { code, stderr } = await sidecar(await tempFolder(), 'graph', '--dot', '--json');
  expect(code).toBe(2);
  expect(stderr).toContain("option '--dot' cannot be used with option '--json'");
});
