import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ServiceControl } from '../../src/control.js';
import { serverConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';

/** A folder whose configuration is written again and again. */
export async function folderFor() {
  const folder = await tempFolder();
  const write = (value: unknown) =>
    writeFile(join(folder, 'sidecar.config.json'), typeof value === 'string' ? value : JSON.stringify(value));
  const one = (name: string, body = 'ok') => ({
    ...serverConfig({ body }),
    stateDirectory: join(folder, 'state', name),
  });
  const control = new ServiceControl({ config: join(folder, 'sidecar.config.json') });
  const pids = async () => {
    const { sidecars } = await control.status();
    return Object.fromEntries(sidecars.map(({ name, pid }) => [name, pid]));
  };
  return { folder, write, one, pids };
}
