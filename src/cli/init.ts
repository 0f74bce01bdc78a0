import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError } from './cli-error.js';
import { CONFIG_FILES } from './config-file.js';
import { configTemplate } from './config-template.js';
import { lookAtProject, type Project } from './project.js';

/** `sidecar init`: writes a commented configuration for what this folder holds. */
export async function init({ force }: { force: boolean }): Promise<void> {
  const folder = process.cwd();
  if (!force) await refuseExisting(folder);
  const project = await lookAtProject(folder);
  const path = join(folder, 'sidecar.config.ts');
  await writeFile(path, configTemplate(project));
  console.log(`Found ${found[project.kind]}, and wrote ${path}.`);
  console.log('Read it, check it with "sidecar validate", then "sidecar run".');
}

const found: Readonly<Record<Project['kind'], string>> = {
  forst: 'a Forst program',
  go: 'a Go module',
  rust: 'a Rust crate',
  python: 'a Python project',
  node: 'a Node.js package',
  unknown: 'nothing to compile',
};

async function refuseExisting(folder: string): Promise<void> {
  for (const name of CONFIG_FILES) {
    const isThere = await access(join(folder, name)).then(
      () => true,
      () => false,
    );
    if (isThere)
      throw new CliError(`${join(folder, name)} is there already; --force writes sidecar.config.ts anew`);
  }
}
