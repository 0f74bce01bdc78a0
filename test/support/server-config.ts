import { fileURLToPath } from 'node:url';
import type { SidecarConfig } from '../../src/index.js';

const SERVER = fileURLToPath(new URL('../fixtures/server.mjs', import.meta.url));

/** Options of test/fixtures/server.mjs. */
export type ServerOptions = Readonly<Record<string, string | number | boolean>>;

type Sections = Partial<Omit<SidecarConfig, 'process'>> & { process?: Partial<SidecarConfig['process']> };

/** The arguments that make `node` run the hostile server. */
export function serverArgs(options: ServerOptions = {}): string[] {
  return [SERVER, JSON.stringify(options)];
}

/**
 * The hostile server on a free port. Delays are short and patience is long, so that a test is quick and a busy
 * machine does not change what happens.
 */
export function serverConfig(options: ServerOptions = {}, sections: Sections = {}): SidecarConfig {
  const { process: processSection, healthCheck, http, ...others } = sections;
  return {
    http: { host: '127.0.0.1', port: 0, ...http },
    process: {
      command: process.execPath,
      args: serverArgs(options),
      restartDelay: 20,
      stopTimeout: 15_000,
      killTimeout: 10_000,
      ...processSection,
    },
    healthCheck: {
      interval: 100,
      retryInterval: 50,
      timeout: 5000,
      startupTimeout: 20_000,
      degradedTimeout: 20_000,
      ...healthCheck,
    },
    ...others,
  };
}

/** Any other program, in a shell that ends with it. */
export function shellConfig(script: string, sections: Sections = {}): SidecarConfig {
  return serverConfig(
    {},
    { ...sections, process: { command: 'sh', args: ['-c', script], ...sections.process } },
  );
}
