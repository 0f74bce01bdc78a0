import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SidecarConfig } from '../../src/index.js';
import { checkKubernetes } from '../export/manifests.js';
import { tempFolder } from '../support/temp-folder.js';
import { sidecar } from './command.js';
import { fleetFolder } from './service-folder.js';

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

  it('prints a unit that runs the service with all of a fleet, and that systemd takes without a word', async () => {
    const folder = await fleetFolder();
    const { code, stdout, stderr } = await sidecar(folder, 'export', 'systemd', '--service');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Description=sidecar run: db, api-1, api-2\n');
    expect(stdout).toContain('Type=notify\nNotifyAccess=all\n');
    // Three that wait for each other, of 15 and 10 s, and 10 s.
    expect(stdout).toContain('TimeoutStopSec=85s\n');
    const [, program = '', main = ''] = /^ExecStart=(\S+) (\S+) run --config /m.exec(stdout) ?? [];
    expect([program, main].map(isAbsolute)).toEqual([true, true]);
    expect(stdout).toContain(`--config ${folder}/sidecar.config.json\nWorkingDirectory=${folder}\n`);
    if (spawnSync('systemd-analyze', ['--version']).status !== 0) return;
    const unit = join(folder, 'fleet.service');
    await writeFile(unit, stdout);
    const verified = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' });
    expect(`${verified.stdout}${verified.stderr}`).toBe('');
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
