import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/within.js';
import { commandLine, SidecarCommand, sidecar } from './command.js';
import { fleetFolder, runService } from './service-folder.js';

describe('the commands that follow a running service', () => {
  it('events, logs -f and wait follow it', async () => {
    const folder = await fleetFolder();
    const early = new SidecarCommand(folder, ['wait', '--for', 'ready', '--timeout', '1m']);
    const service = await runService(folder);
    expect(await early.ended()).toEqual({ code: 0, stdout: '', stderr: '' });
    // It does not wait for the end of that time where it is so already.
    expect((await sidecar(folder, 'wait', '--timeout', '10m')).code).toBe(0);

    const { stdout, stderr } = await promisify(execFile)(
      'sh',
      ['-c', `${commandLine('events', '--json')} | head -n 1`],
      {
        cwd: folder,
      },
    );
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toHaveProperty('type');

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
});

/** Stops the database until the events tell it: whether they are listened to already, nothing says. */
async function eventuallyPrints(events: SidecarCommand, folder: string): Promise<void> {
  await sidecar(folder, 'stop', 'db');
  await eventually(() => events.lines.some((line) => / db {2}stopped /.test(line)), 'the event');
}
