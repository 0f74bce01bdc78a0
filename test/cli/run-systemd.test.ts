import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canReceive, NotifySocket } from '../service/notify-socket.js';
import { shellConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { SidecarCommand, sidecar } from './command.js';
import { fleetFolder } from './service-folder.js';

const isThere = canReceive();
if (!isThere) console.log('Not checked here: sd_notify of the service (needs python3 and systemd-notify).');

describe.skipIf(!isThere)('sidecar run under systemd', () => {
  it('says when all run, what does not, that it lives, and that it ends', async () => {
    const folder = await fleetFolder();
    const socket = await NotifySocket.open(join(await tempFolder(), 'notify'));
    const env = { NOTIFY_SOCKET: socket.address, WATCHDOG_USEC: '500000' };
    const command = new SidecarCommand(folder, ['run'], env);
    await socket.arrived('READY=1');
    await socket.arrived('STATUS=3 of 3 running');
    expect((await sidecar(folder, 'stop', 'api-2')).code).toBe(0);
    await socket.arrived('STATUS=2 of 2 running');
    expect((await sidecar(folder, 'start', 'api-2')).code).toBe(0);
    await socket.arrived('WATCHDOG=1');
    expect(socket.received).not.toContain('STOPPING=1');
    command.signal('SIGTERM');
    const { code, stderr } = await command.ended();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await socket.arrived('STOPPING=1');
    expect(socket.count('READY=1')).toBe(1);
    expect(socket.count('STOPPING=1')).toBe(1);
    const readyAt = socket.received.indexOf('READY=1');
    expect(socket.received.slice(0, readyAt).join()).toMatch(/STATUS=\d of 3 running; /);
  });

  it('keeps the socket to itself, and says that it ends when a sidecar can not go on', async () => {
    const folder = await tempFolder();
    const config = shellConfig('echo "told: [$NOTIFY_SOCKET$WATCHDOG_USEC$WATCHDOG_PID]"; exit 3', {
      process: { autoRestart: false },
    });
    await writeFile(join(folder, 'sidecar.config.json'), JSON.stringify(config));
    const socket = await NotifySocket.open(join(folder, 'notify'));
    const env = { NOTIFY_SOCKET: socket.address, WATCHDOG_USEC: '60000000' };
    const { code, stdout } = await new SidecarCommand(folder, ['run'], env).ended();
    expect(code).toBe(1);
    await socket.arrived('STOPPING=1');
    expect(stdout).toContain('told: []');
    expect(socket.received).not.toContain('READY=1');
    expect(socket.received.filter((each) => !each.startsWith('STATUS='))).toEqual([
      'WATCHDOG=1',
      'STOPPING=1',
    ]);
  });
});
