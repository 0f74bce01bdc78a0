import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { FleetConfig } from '../../src/index.js';
import { isAlive } from '../support/processes.js';
import { serverConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { eventually } from '../support/within.js';
import { SidecarCommand, sidecar } from './command.js';

async function folderOf(config: FleetConfig): Promise<string> {
  const folder = await tempFolder();
  await writeFile(join(folder, 'sidecar.config.json'), JSON.stringify(config));
  return folder;
}

/** A web server that needs an API, that needs a database; and one that nobody needs. */
function fleetOf(options: Parameters<typeof serverConfig>[0] = {}): FleetConfig {
  const server = () => serverConfig(options);
  return {
    sidecars: {
      web: { ...server(), dependsOn: { api: 'healthy' } },
      api: { ...server(), dependsOn: { db: 'healthy' }, instances: 2 },
      db: server(),
      mail: server(),
    },
  };
}

/** The pids of all that was started. */
function pidsIn(command: SidecarCommand): number[] {
  return command.lines.flatMap((line) => {
    const pid = /process (\d+) was started/.exec(line)?.[1];
    return pid === undefined ? [] : [Number(pid)];
  });
}

describe('sidecar run with a fleet', () => {
  it('runs all in order, tells whose each line is, and stops them in reverse', async () => {
    const command = new SidecarCommand(await folderOf(fleetOf()), ['run', '--no-inspect']);
    await command.printed(/ web +running /);
    await command.printed(/ mail +running /);
    const pids = pidsIn(command);
    expect(pids).toHaveLength(5);
    command.signal('SIGINT');
    const { code, stdout, stderr } = await command.ended();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const stopped = [...stdout.matchAll(/ (\S+) +stopped +as requested$/gm)].map(([, name]) => name);
    expect(stopped.toSorted()).toEqual(['api-1', 'api-2', 'db', 'mail', 'web']);
    expect(stopped.indexOf('web')).toBeLessThan(stopped.indexOf('api-1'));
    expect(stopped.indexOf('api-2')).toBeLessThan(stopped.indexOf('db'));
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('runs what is named, and what that depends on', async () => {
    const command = new SidecarCommand(await folderOf(fleetOf()), ['run', 'api']);
    await command.printed(/ api-1 +running /);
    await command.printed(/ api-2 +running /);
    command.signal('SIGTERM');
    const { code, stdout } = await command.ended();
    expect(code).toBe(0);
    expect(stdout).toMatch(/ db +running /);
    expect(stdout).not.toMatch(/ (web|mail) /);
  });

  it('refuses a name that is not there, with those that are', async () => {
    const { code, stdout, stderr } = await sidecar(await folderOf(fleetOf()), 'run', 'apo');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe('sidecar: there is no sidecar "apo"; there are: web, api, db, mail\n');
  });

  it('validate says what each of them runs, and export takes one sidecar only', async () => {
    const folder = await folderOf(fleetOf());
    const { code, stdout } = await sidecar(folder, 'validate');
    expect(code).toBe(0);
    expect(stdout).toMatch(/is right:\n( {2}"[a-z0-9-]+" runs .*\n){5}$/);
    const exported = await sidecar(folder, 'export', 'systemd');
    expect(exported).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('configures a fleet'),
    });
  });

  it('lists everything that is wrong, and starts nothing', async () => {
    const folder = await tempFolder();
    const config = {
      sidecars: { web: { process: { command: 'x' }, dependsOn: { db: 'healthy' } } },
      intensity: -1,
    };
    await writeFile(join(folder, 'sidecar.config.json'), JSON.stringify(config));
    const { code, stdout, stderr } = await sidecar(folder, 'run');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('intensity');
    expect(stderr).toContain('db');
  });

  it('ends with 1 when one of them can not go on, and says which', async () => {
    const { mail } = fleetOf().sidecars;
    const folder = await folderOf({
      sidecars: { ...(mail && { mail }), db: { process: { command: './missing' } } },
    });
    const { code, stdout } = await sidecar(folder, 'run');
    expect(code).toBe(1);
    expect(stdout).toMatch(/ fleet +stopped: "db" can't be kept running/);
  });

  it('ends all at once at a second signal', async () => {
    const slow = serverConfig({ ignoreTerm: true }, { process: { stopTimeout: 60_000 } });
    const command = new SidecarCommand(await folderOf({ sidecars: { one: slow, two: slow } }), ['run']);
    await command.printed(/ one +running /);
    await command.printed(/ two +running /);
    const pids = pidsIn(command);
    expect(pids).toHaveLength(2);
    command.signal('SIGINT');
    await command.printed(/ stopping\.terminating /);
    // Within half a second it would be the same Ctrl-C.
    await wait(600);
    command.signal('SIGINT');
    expect((await command.ended()).code).toBe(130);
    await eventually(() => !pids.some(isAlive), 'the end of the sidecars');
  });
});
