import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SidecarConfig } from '../../src/index.js';
import { checkKubernetes } from '../export/manifests.js';
import { tempFolder } from '../support/temp-folder.js';
import { sidecar } from './command.js';

async function folderOf(config: SidecarConfig): Promise<string> {
  const folder = await tempFolder();
  await writeFile(join(folder, 'sidecar.config.json'), JSON.stringify(config));
  return folder;
}

describe('sidecar export', () => {
  it('prints a manifest, with what is lost on the way in comments', async () => {
    const folder = await folderOf({ name: 'api', process: { command: 'api' } });
    const { code, stdout } = await sidecar(folder, 'export', 'kubernetes', '--image', 'a/b', '--deployment');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^# What the configuration says and this file does not/);
    expect(stdout).toContain('kind: Deployment');
    checkKubernetes(stdout);
  });

  it('refuses a shared library, and a container without an image', async () => {
    const folder = await folderOf({ transport: 'direct', process: { command: './lib.so' } });
    const library = await sidecar(folder, 'export', 'systemd');
    expect(library).toMatchObject({ code: 2, stdout: '' });
    expect(library.stderr).toContain('there is nothing to run elsewhere');
    const withoutImage = await sidecar(folder, 'export', 'compose');
    expect(withoutImage).toMatchObject({ code: 2, stdout: '' });
    expect(withoutImage.stderr).toContain("required option '--image <image>'");
  });
});
