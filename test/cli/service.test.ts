import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { servicePlace } from '../../src/service/place.js';
import { eventually } from '../support/within.js';
import { SidecarCommand, sidecar } from './command.js';
import { fleetFolder, runService } from './service-folder.js';

describe('the commands that talk to a running service', () => {
  it('status, why, history and logs tell how it is', async () => {
    const folder = await fleetFolder();
    await runService(folder);
    const [table, json, why, history, logs] = await Promise.all([
      sidecar(folder, 'status'),
      sidecar(folder, 'status', '--json'),
      sidecar(folder, 'why', 'db'),
      sidecar(folder, 'history', 'api'),
      sidecar(folder, 'logs', '-n', '2', 'api'),
    ]);
    for (const { code, stderr } of [table, json, why, history, logs])
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [header, ...rows] = table.stdout.trimEnd().split('\n');
    expect(header).toMatch(/^NAME +STATE +FOR +READY +PID +MEMORY +CPU +RESTARTS +ADDRESS$/);
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatch(/^db +running +\S+ +yes +\d+ .* 0\/5 +http:\/\/127\.0\.0\.1:\d+$/);
    expect(rows[2]).toMatch(/^api-2 +running /);
    expect(JSON.parse(json.stdout)).toMatchObject({ sidecars: [{ name: 'db', state: 'running' }, {}, {}] });
    expect(why.stdout).toMatch(/^Running since /);
    expect(history.stdout).toMatch(/ api-2 {2}running +GET .*passed/);
    expect(logs.stdout.trimEnd().split('\n').toSorted()).toEqual([
      expect.stringMatching(/^api-1 {2}listening on /),
      expect.stringMatching(/^api-2 {2}listening on /),
    ]);
  });

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

  it('events, logs -f and wait follow it', async () => {
    const folder = await fleetFolder();
    const early = new SidecarCommand(folder, ['wait', '--for', 'ready', '--timeout', '1m']);
    const service = await runService(folder);
    expect(await early.ended()).toEqual({ code: 0, stdout: '', stderr: '' });

    const events = new SidecarCommand(folder, ['events', 'db']);
    const asJson = new SidecarCommand(folder, ['events', '--json']);
    const logs = new SidecarCommand(folder, ['logs', '--follow', '-n', '1', 'db']);
    await logs.printed(/^listening on /);
    // Each tells of checks all the time: that they listen.
    await asJson.printed(/"type":"health-checked"/);
    const stopped = new SidecarCommand(folder, ['wait', 'db', '--for', 'stopped', '--timeout', '1m']);
    await eventuallyPrints(events, folder);
    expect((await stopped.ended()).code).toBe(0);
    const late = await sidecar(folder, 'wait', 'db', '--timeout', '300ms');
    expect(late).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('not running within 300ms: db is stopped'),
    });

    service.signal('SIGTERM');
    for (const command of [events, asJson, logs, service]) expect((await command.ended()).code).toBe(0);
    expect(events.lines.every((line) => / (db|fleet) /.test(line))).toBe(true);
  });

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

  it('wrong words are refused with what is right', async () => {
    const folder = await fleetFolder();
    await runService(folder);
    const refused = async (...args: string[]) => {
      const { code, stdout, stderr } = await sidecar(folder, ...args);
      expect({ code, stdout }, args.join(' ')).toEqual({ code: 2, stdout: '' });
      return stderr;
    };
    expect(await refused('why', 'apo')).toBe(
      'sidecar: there is no sidecar "apo"; there are: db, api-1, api-2\n',
    );
    expect(await refused('send', 'exit')).toContain('"exit" can\'t be sent; there are: START, STOP');
    expect(await refused('wait', '--for', 'sunshine')).toContain('--for takes running, ready');
    expect(await refused('wait', '--timeout', 'soon')).toContain('write 500ms, 30s, 2m or 1h');
    expect(await refused('status', '--connect', 'localhost:80')).toContain('SIDECAR_TOKEN');
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

/** Stops the database until the events tell it: whether they are listened to already, nothing says. */
async function eventuallyPrints(events: SidecarCommand, folder: string): Promise<void> {
  await sidecar(folder, 'stop', 'db');
  await eventually(() => events.lines.some((line) => / db {2}stopped /.test(line)), 'the event');
}
