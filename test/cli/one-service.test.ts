import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { servicePlace } from '../../src/service/place.js';
import { sidecar } from './command.js';
import { fleetFolder, runService } from './service-folder.js';

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

  it('--listen answers over TCP to whoever has the token', async () => {
    const folder = await fleetFolder();
    const service = await runService(folder, '--listen', '127.0.0.1:0');
    const { tokenFile } = servicePlace(join(folder, 'sidecar.config.json'));
    service.signal('SIGTERM');
    const { code, stderr } = await service.ended();
    expect(code).toBe(0);
    expect(stderr).toMatch(/^sidecar: listening on 127\.0\.0\.1:\d+; the token is in /);
    expect(stderr).toContain(tokenFile);
    await expect(readFile(tokenFile)).rejects.toThrow('ENOENT');
  });
});
