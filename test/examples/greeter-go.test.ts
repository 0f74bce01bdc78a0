import { execFile, execFileSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import overTcp from '../../examples/greeter-go/sidecar.config.js';
import overSocket from '../../examples/greeter-go/sidecar.socket.config.js';
import type { SidecarConfig } from '../../src/index.js';
import { tempFolder } from '../support/temp-folder.js';
import { watch } from '../support/watched-sidecar.js';

const hasGo = (() => {
  try {
    execFileSync('go', ['version']);
    return true;
  } catch {
    return false;
  }
})();
if (!hasGo) console.log('Skipped: the Go greeter, because no Go is installed.');

/** The first compilation may have to fill an empty build cache. */
const PATIENCE = 240_000;

/** Go's own cache lies where the tests' empty cache folder would otherwise be. */
const env = { GOCACHE: join(homedir(), '.cache', 'go-build') };

function withGoCache(config: SidecarConfig): SidecarConfig {
  return { ...config, ...(config.compile && { compile: { ...config.compile, env } }) };
}

describe.runIf(hasGo)('the Go greeter', () => {
  beforeAll(async () => {
    const { compile } = overTcp;
    if (compile?.cwd === undefined) throw new Error('the example names its folder');
    const options = { cwd: compile.cwd, env: { ...process.env, ...env } };
    await promisify(execFile)(compile.command, compile.args, options);
  }, PATIENCE);

  it('is compiled, greets over TCP, and comes back after a real panic', async () => {
    const watched = await watch(withGoCache(overTcp)).run();
    const greeting = await fetch(`${watched.origin}/greet?name=Ada`);
    expect(await greeting.json()).toEqual({ greeting: 'Hello, Ada!' });

    const healthyAgain = watched.next('healthy', ({ generation }) => generation === 2);
    await fetch(`${watched.origin}/crash`).catch(() => {
      // It may die before it has answered.
    });
    const death = await watched.next('process-death');
    expect(death.code).toBe(2);
    expect(death.tail.join('\n')).toContain('panic');
    await healthyAgain;
    await watched.stopsCleanly();
  });

  it('listens on a Unix socket by one flag', async () => {
    const socketPath = join(await tempFolder(), 'greeter.sock');
    const watched = await watch(withGoCache({ ...overSocket, ipc: { socketPath } })).run();
    expect(watched.sidecar.status()).toMatchObject({ endpoint: { transport: 'ipc', socketPath } });
    await watched.stopsCleanly();
  });
});
