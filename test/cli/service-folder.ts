import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FleetConfig } from '../../src/index.js';
import { serverConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { SidecarCommand } from './command.js';

/** A folder with a fleet: a database, and two instances of an API that needs it. */
export async function fleetFolder(config: Partial<FleetConfig> = {}): Promise<string> {
  const folder = await tempFolder();
  const sidecar = (name: string) => ({ ...serverConfig(), stateDirectory: join(folder, 'state', name) });
  const sidecars = {
    db: sidecar('db'),
    api: { ...sidecar('api'), dependsOn: { db: 'healthy' }, instances: 2 },
  };
  await writeFile(join(folder, 'sidecar.config.json'), JSON.stringify({ sidecars, ...config }));
  return folder;
}

/** It runs once this resolves. */
export async function runService(folder: string, ...args: readonly string[]): Promise<SidecarCommand> {
  const command = new SidecarCommand(folder, ['run', ...args]);
  await command.printed(/ api-1 +running /);
  await command.printed(/ api-2 +running /);
  return command;
}
