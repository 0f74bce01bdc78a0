import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfigFile } from '../../src/cli/config-file.js';
import { configTemplate } from '../../src/cli/config-template.js';
import { lookAtProject } from '../../src/cli/project.js';
import { parseConfig } from '../../src/index.js';
import { tempFolder } from '../support/temp-folder.js';
import { sidecar } from './command.js';

/** A folder called `service`, with these files. */
async function projectOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(await tempFolder(), 'service');
  await mkdir(folder);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

describe('sidecar init', () => {
  it.each([
    ['a Go module', { 'go.mod': 'module example.com/me/greeter\n' }, 'greeter', './build/greeter', 'go'],
    [
      'a Rust crate',
      { 'Cargo.toml': '[package]\nname = "fast"\n' },
      'fast',
      './target/release/fast',
      'cargo',
    ],
    [
      'a Python project',
      { 'pyproject.toml': '[project]\nname = "model"\n', 'app.py': '' },
      'model',
      'python3',
      undefined,
    ],
    [
      'a Node.js package',
      { 'package.json': '{"name":"@me/it\'s","main":"lib/main.js"}' },
      'it-s',
      'node',
      undefined,
    ],
    ['a package.json that does not parse', { 'package.json': '{' }, 'service', 'node', undefined],
    ['nothing', {}, 'service', './server', undefined],
  ])('writes a configuration for %s that is right', async (_, files, name, command, compiler) => {
    const folder = await projectOf(files);
    await writeFile(join(folder, 'sidecar.config.ts'), configTemplate(await lookAtProject(folder)));
    const config = parseConfig((await loadConfigFile(join(folder, 'sidecar.config.ts'))).value);
    expect(config.name).toBe(name);
    expect(config.process.command).toBe(command);
    expect(config.compile?.command).toBe(compiler);
  });

  it('uses the preset for Forst', async () => {
    const folder = await projectOf({ 'other.ft': '', 'main.ft': '', 'package.json': '{}' });
    const text = configTemplate(await lookAtProject(folder));
    expect(text).toContain("form: 'build', entry: './main.ft'");
  });

  it('says what it found, and does not replace what is there unless it is told to', async () => {
    const folder = await projectOf({ 'go.mod': 'module greeter\n' });
    const first = await sidecar(folder, 'init');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toContain('Found a Go module');
    await writeFile(join(folder, 'sidecar.config.ts'), '// mine');
    const second = await sidecar(folder, 'init');
    expect(second.code).toBe(2);
    expect(second.stderr).toContain('is there already; --force');
    expect(await readFile(join(folder, 'sidecar.config.ts'), 'utf8')).toBe('// mine');
    expect(await sidecar(folder, 'init', '--force')).toMatchObject({ code: 0 });
  });
});
