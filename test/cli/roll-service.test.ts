import { describe, expect, it } from 'vitest';
import { sidecar } from './command.js';
import { fleetFolder, runService } from './service-folder.js';

describe('sidecar restart --rolling', () => {
  it('replaces all instances, and tells it in the history', async () => {
    const folder = await fleetFolder();
    const service = await runService(folder);
    expect(await sidecar(folder, 'restart', '--rolling', 'api')).toMatchObject({
      code: 0,
      stdout: 'api was replaced, all of it.\n',
    });
    expect(await sidecar(folder, 'reload', '--rolling', '--keep-serving', '0')).toMatchObject({
      code: 0,
      stdout: 'db was replaced, all of it.\napi was replaced, all of it.\n',
    });
    const { stdout } = await sidecar(folder, 'history');
    expect(stdout).toMatch(/ fleet +"api-2" was replaced\n/);
    expect((await sidecar(folder, 'history', 'db')).stdout).not.toMatch(/ fleet /);
    const wrong = await sidecar(folder, 'restart', '--rolling', 'api-1');
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toBe(
      'sidecar: --rolling takes all instances of a sidecar; there is no "api-1", there are: db, api\n',
    );
    const tooMany = await sidecar(folder, 'restart', 'api', '--rolling', '--keep-serving', '2');
    expect(tooMany).toMatchObject({
      code: 1,
      stderr: 'sidecar: keepServing must be 0 to 1 for 2 of "api"\n',
    });
    expect((await sidecar(folder, 'restart', '--keep-serving', '1')).code).toBe(2);
    service.signal('SIGTERM');
    expect((await service.ended()).code).toBe(0);
  });
});
