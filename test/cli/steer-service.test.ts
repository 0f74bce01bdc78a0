import { describe, expect, it } from 'vitest';
import { sidecar } from './command.js';
import { fleetFolder, runService } from './service-folder.js';

describe('the commands that steer a running service', () => {
  it('stop, start, restart and send steer it, and stop without names ends it', async () => {
    const folder = await fleetFolder();
    const service = await runService(folder);
    expect(await sidecar(folder, 'stop', 'api')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('api-2 is stopped.'),
    });
    expect((await sidecar(folder, 'reload', 'api-1')).stderr).toMatch(/^sidecar: .*"api-1" is not started/);
    expect(await sidecar(folder, 'start', 'api-1')).toMatchObject({ code: 0, stdout: 'api-1 is running.\n' });
    expect(await sidecar(folder, 'restart', 'db')).toMatchObject({ code: 0, stdout: 'db was restarted.\n' });
    expect((await sidecar(folder, 'send', 'stop', 'api-2')).stdout).toMatch(/^api-2 ignores it: /);
    expect(await sidecar(folder, 'stop')).toMatchObject({ code: 0, stdout: 'The service is stopped.\n' });
    const { code, stdout } = await service.ended();
    expect(code).toBe(0);
    expect(stdout).toMatch(/ fleet +stopped: /);
  });
});
