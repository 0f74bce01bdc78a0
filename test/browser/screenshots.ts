import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FleetConfig, SidecarConfig } from '../../src/index.js';

const FIXTURES = fileURLToPath(new URL('../fixtures', import.meta.url));

/** Not kept in the repository, but two of them; see visualizations/. */
const FOLDER = fileURLToPath(new URL('screenshots', import.meta.url));

export async function screenshotPath(name: string): Promise<string> {
  await mkdir(FOLDER, { recursive: true });
  return join(FOLDER, `${name}.png`);
}

/** A fleet with something to be seen. */
export function shopFleet(): FleetConfig {
  const talkative = (sections: Partial<SidecarConfig> = {}): SidecarConfig => ({
    http: { host: '127.0.0.1', port: 0 },
    process: {
      command: 'node',
      args: ['talkative.mjs'],
      cwd: FIXTURES,
      restartDelay: 45_000,
      restartJitter: 0,
    },
    healthCheck: { interval: 150, retryInterval: 50 },
    resources: { interval: 500, maxMemoryMB: 160, maxCPUPercent: 80, maxFileDescriptors: 64 },
    ...sections,
  });
  return {
    sidecars: {
      database: talkative(),
      search: { ...talkative(), dependsOn: { database: 'healthy' } },
      orders: { ...talkative(), dependsOn: { database: 'healthy' } },
      mailer: talkative(),
    },
    inspect: { development: true },
  };
}
