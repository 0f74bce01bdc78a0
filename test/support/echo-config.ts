import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SidecarConfig } from '../../src/index.js';
import { serverConfig } from './server-config.js';
import { tempFolder } from './temp-folder.js';

const ECHO = fileURLToPath(new URL('../fixtures/echo.mjs', import.meta.url));

type Sections = Parameters<typeof serverConfig>[1];

/** The server of test/fixtures/echo.mjs, over TCP. */
export function echoConfig(sections: NonNullable<Sections> = {}): SidecarConfig {
  return serverConfig({}, { ...sections, process: { args: [ECHO], ...sections.process } });
}

/** The same, over a Unix socket in a folder of its own. */
export async function echoOverSocket(sections: NonNullable<Sections> = {}): Promise<SidecarConfig> {
  const socketPath = join(await tempFolder(), 'echo.sock');
  return echoConfig({ transport: 'ipc', ipc: { socketPath }, ...sections });
}
