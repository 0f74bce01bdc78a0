import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { serverArgs, serverConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { watch } from '../support/watched-sidecar.js';

const describedServer = z.object({ argv: z.array(z.string()) });

describe('what a process is told', () => {
  it('is where to listen, in PORT and HOST', async () => {
    const watched = await watch(serverConfig({ printEnv: 'PORT,HOST,SOCKET_PATH' })).run();
    const { endpoint } = watched.sidecar.status();
    const port = endpoint?.transport === 'http' ? endpoint.port : 0;
    for (const line of [`PORT=${port}`, 'HOST=127.0.0.1', 'SOCKET_PATH is not set'])
      await watched.printed(line);
  });

  it('is where to listen, in SOCKET_PATH', async () => {
    const socketPath = join(await tempFolder(), 'a.sock');
    const config = serverConfig(
      { printEnv: 'PORT,SOCKET_PATH' },
      { transport: 'ipc', ipc: { socketPath }, process: { env: { PORT: undefined } } },
    );
    const watched = await watch(config).run();
    for (const line of [`SOCKET_PATH=${socketPath}`, 'PORT is not set', `listening on unix:${socketPath}`])
      await watched.printed(line);
  });

  it('is told by templates in the arguments, in the environment and in the command', async () => {
    const folder = mkdtempSync(join(await tempFolder(), 'x-'));
    const config = serverConfig(
      { printEnv: 'ADDRESS,UNKNOWN' },
      {
        name: 'node',
        http: { host: '127.0.0.1', port: 0, cors: false },
        process: {
          // `node`, found on PATH.
          command: '{name}',
          cwd: folder,
          args: [
            ...serverArgs({ printEnv: 'ADDRESS,UNKNOWN' }),
            '{port}-{host}-{cors}-{name}',
            '{nothing}{}{ x}',
          ],
          env: { ADDRESS: 'http://{host}:{port}/', UNKNOWN: '{nothing}' },
        },
      },
    );
    const watched = await watch(config).run();
    const { origin } = watched;
    for (const line of [`ADDRESS=${origin}/`, 'UNKNOWN={nothing}']) await watched.printed(line);
    const { argv } = describedServer.parse(await (await fetch(origin)).json());
    const port = new URL(origin).port;
    expect(argv.slice(1)).toEqual([`${port}-127.0.0.1-false-node`, '{nothing}{}{ x}']);
  });

  it.each<[what: string, env: () => never | Record<string, string>, message: string]>([
    [
      'throws',
      () => {
        throw new Error('the vault is sealed');
      },
      'process.env() threw: the vault is sealed',
    ],
    ['returns a number for a variable', () => JSON.parse('{ "A": 1 }'), 'process.env() must return'],
  ])('is not guessed when the env function %s', async (_, env, message) => {
    const watched = watch(serverConfig({}, { process: { env } })).start();
    const { reason, cause } = await watched.next('stopped');
    expect(reason).toBe('spawn-failed');
    expect(cause).toMatchObject({ failure: { message: expect.stringContaining(message) } });
  });

  it('comes from the env function anew for each incarnation', async () => {
    let calls = 0;
    const config = serverConfig(
      { printEnv: 'TOKEN' },
      {
        process: {
          env: () => {
            calls += 1;
            return { TOKEN: `token-${calls}` };
          },
        },
      },
    );
    const watched = await watch(config).run();
    await watched.sidecar.restart();
    expect(calls).toBe(2);
    expect(await watched.printed(/^TOKEN/, 2)).toEqual(['TOKEN=token-1', 'TOKEN=token-2']);
  });

  it('does not hold a variable that is set to undefined', async () => {
    const name = 'SIDECAR_MACHINE_INHERITED';
    process.env[name] = 'from the host';
    try {
      const inheriting = await watch(serverConfig({ printEnv: name })).run();
      await inheriting.printed(`${name}=from the host`);
      const without = await watch(
        serverConfig({ printEnv: name }, { process: { env: { [name]: undefined } } }),
      ).run();
      await without.printed(`${name} is not set`);
    } finally {
      delete process.env[name];
    }
  });

  it('may be overruled: own variables win over PORT and HOST', async () => {
    const config = serverConfig(
      { printEnv: 'HOST' },
      { process: { env: { HOST: '127.0.0.1', PORT: '{port}' } } },
    );
    const watched = await watch(config).run();
    await watched.printed('HOST=127.0.0.1');
  });
});
