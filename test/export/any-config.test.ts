import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exportCompose } from '../../src/export/compose.js';
import { exportKubernetes } from '../../src/export/kubernetes.js';
import { exportSystemd } from '../../src/export/systemd.js';
import { resolveConfig, type SidecarConfig } from '../../src/index.js';
import { validConfig } from '../config/config-arbitrary.js';
import { tempFolder } from '../support/temp-folder.js';
import { checkCompose, checkKubernetes } from './manifests.js';

const runnable = validConfig.filter(({ transport }) => transport !== 'direct');

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;
if (!hasSystemd) console.log('Not checked here: units of systemd (needs systemd-analyze).');

describe('any configuration', () => {
  it.each([true, false])('is a manifest by the Kubernetes API (Deployment: %s)', (isDeployment) => {
    fc.assert(
      fc.property(runnable, (config) => {
        const options = { image: 'a/b:1', appImage: 'app', isDeployment };
        checkKubernetes(exportKubernetes(resolveConfig(config), options).text);
      }),
      { numRuns: 50 },
    );
  });

  it('is a service by the Compose specification', () => {
    fc.assert(
      fc.property(runnable, (config) => {
        checkCompose(exportCompose(resolveConfig(config), 'a/b:1').text);
      }),
      { numRuns: 50 },
    );
  });

  it.runIf(hasSystemd)('is a unit that systemd takes without a word', async () => {
    const folder = await tempFolder();
    const configs = fc
      .sample(runnable, 20)
      .map((config, index) => [`unit-${index}.service`, config] as const);
    for (const [unit, config] of configs) {
      // The program and its folder must be there for systemd to be content.
      const inPlace: SidecarConfig = {
        ...config,
        process: { ...config.process, command: '/bin/sh', cwd: '/' },
      };
      await writeFile(join(folder, unit), exportSystemd(resolveConfig(inPlace), folder).text);
    }
    expect(systemdComplaints(configs.map(([unit]) => join(folder, unit)))).toBe('');
  });
});

function systemdComplaints(units: readonly string[]): string {
  const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', ...units], { encoding: 'utf8' });
  return `${stdout}${stderr}`;
}
