import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { servicePlace } from '../../src/service/place.js';
import { shellConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { SidecarCommand, sidecar } from './command.js';
import { fleetFolder, runService } from './service-folder.js';

/** Up as soon as it lives; nothing of it is kept. */
const asIs = { healthCheck: { liveness: { type: 'process' } }, stateDirectory: null } as const;

describe('a service', () => {
  it('without a service each says so in one sentence, and ends with 1', async () => {
    const folder = await fleetFolder();
    const path = join(folder, 'sidecar.config.json');
    const message = `sidecar: no service of ${path} is running; start it with "sidecar run"\n`;
    for (const args of [['status'], ['stop', 'api'], ['logs', '-f'], ['send', 'STOP']]) {
      expect(await sidecar(folder, ...args), args.join(' ')).toEqual({
        code: 1,
        stdout: '',
        stderr: message,
      });
    }
  });

  it('a second service of the same configuration is refused, unless nobody is to reach it', async () => {
    const folder = await fleetFolder();
    const service = await runService(folder);
    const second = await sidecar(folder, 'run');
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toBe(
      'sidecar: a service of this configuration is running already; see "sidecar status"\n',
    );
    service.signal('SIGKILL');
    await service.ended();
    // The socket is still there, and nobody listens.
    const third = await runService(folder);
    expect((await sidecar(folder, 'status')).code).toBe(0);
    third.signal('SIGTERM');
    expect((await third.ended()).code).toBe(0);
  });

  it('--listen answers over TCP to whoever has the token, which what it runs does not inherit', async () => {
    const token = 'a token that is long'.replaceAll(' ', '-');
    const folder = await fleetFolder({
      sidecars: { api: shellConfig('echo "token=$SIDECAR_TOKEN"; exec sleep 60', asIs) },
    });
    const service = new SidecarCommand(folder, ['run', '--listen', '127.0.0.1:0'], { SIDECAR_TOKEN: token });
    await service.printed(/ api +running /);
    await service.printed(/\| token=$/);
    const address = /listening on (\S+);/.exec(service.errors)?.[1] ?? '';
    const elsewhere = await tempFolder();
    const status = (secret: string) =>
      new SidecarCommand(elsewhere, ['status', '--connect', address], { SIDECAR_TOKEN: secret }).ended();
    expect(await status(token)).toMatchObject({ code: 0, stdout: expect.stringMatching(/\napi +running /) });
    expect(await status('guessed')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('token'),
    });
    const { tokenFile } = servicePlace(join(folder, 'sidecar.config.json'));
    expect(await readFile(tokenFile, 'utf8')).toBe(token);
    service.signal('SIGTERM');
    expect((await service.ended()).code).toBe(0);
    await expect(readFile(tokenFile)).rejects.toThrow('ENOENT');
  });

  it('a token that can be guessed is refused', async () => {
    const folder = await fleetFolder();
    const args = ['run', '--listen', '0'];
    const { code, stderr } = await new SidecarCommand(folder, args, { SIDECAR_TOKEN: '' }).ended();
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'sidecar: SIDECAR_TOKEN must have at least 16 characters, and no space\n',
    });
  });

  it('runs without the other commands where they are not wanted, or its socket can not be made', async () => {
    const folder = await fleetFolder({ sidecars: { api: shellConfig('exec sleep 60', asIs) } });
    const long = join(await tempFolder(), 'x'.repeat(100));
    const alone = new SidecarCommand(folder, ['run', '--no-control', '--no-inspect']);
    await alone.printed(/ api +running /);
    expect((await sidecar(folder, 'status')).code).toBe(1);
    const unreachable = new SidecarCommand(folder, ['run'], { XDG_RUNTIME_DIR: long });
    await unreachable.printed(/ api +running /);
    for (const service of [alone, unreachable]) service.signal('SIGTERM');
    expect(await alone.ended()).toMatchObject({ code: 0, stderr: '' });
    expect(await unreachable.ended()).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(
        /^sidecar: the other commands can't reach it: .* is too long for a Unix socket/,
      ),
    });
  });
});
