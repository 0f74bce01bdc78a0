import { describe, expect, it } from 'vitest';
import type { FleetConfig } from '../../src/index.js';
import { folderFor } from './apply-folder.js';
import { SidecarCommand, sidecar } from './command.js';

type Sidecars = FleetConfig['sidecars'];

describe('sidecar apply', () => {
  it('shows what changes, and replaces only that; with --dry-run nothing', async () => {
    const { folder, write, one, pids } = await folderFor();
    const before: Sidecars = { db: one('db'), api: { ...one('api'), instances: 2 }, web: one('web') };
    await write({ sidecars: before });
    const run = new SidecarCommand(folder, ['run']);
    for (const name of ['db', 'api-1', 'api-2', 'web']) await run.printed(new RegExp(` ${name} +running `));
    const first = await pids();
    expect((await sidecar(folder, 'apply')).stdout).toBe('nothing changes\n');

    await write({
      intensity: 3,
      sidecars: { db: one('db', 'other'), api: { ...one('api'), instances: 4 } },
    });
    const tried = await sidecar(folder, 'apply', '--dry-run');
    expect(tried.stdout.split('\n')).toEqual([
      'db     restart   process.args',
      'api-3  start     is new',
      'api-4  start     is new',
      'web    stop      is gone',
      'fleet  in place  intensity',
      '2 unchanged',
      '',
    ]);
    expect(await pids()).toEqual(first);

    const applied = await sidecar(folder, 'apply');
    expect(applied).toMatchObject({ code: 0, stdout: `${tried.stdout}It is done.\n`, stderr: '' });
    const second = await pids();
    expect(Object.keys(second)).toEqual(['db', 'api-1', 'api-2', 'api-3', 'api-4']);
    expect([second['api-1'], second['api-2']]).toEqual([first['api-1'], first['api-2']]);
    expect(second['db']).not.toBe(first['db']);
    // Those that are new are heard like the others.
    await run.printed(/ api-4 +running /);
    expect((await sidecar(folder, 'logs', 'api-4')).stdout).toContain('listening on');
    run.signal('SIGINT');
    expect((await run.ended()).code).toBe(0);
  });

  it('of a file that is wrong changes nothing, and says why', async () => {
    const { folder, write, one, pids } = await folderFor();
    await write({ sidecars: { db: one('db') } });
    const run = new SidecarCommand(folder, ['run']);
    await run.printed(/ db +running /);
    const first = await pids();
    for (const [wrong, why] of [
      ['{ not JSON', "can't be read"],
      [
        { sidecars: { db: { ...one('db'), dependsOn: { nobody: 'healthy' } } } },
        'is no sidecar of this fleet',
      ],
      [one('db'), 'configures one sidecar now, and a fleet before'],
    ] as const) {
      await write(wrong);
      const { code, stderr } = await sidecar(folder, 'apply');
      expect(code).toBe(1);
      expect(stderr).toContain(why);
    }
    expect(await pids()).toEqual(first);
    run.signal('SIGINT');
    expect((await run.ended()).code).toBe(0);
  });
});
