import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ServiceManager, takeManagerAddress } from '../../src/service/service-manager.js';
import { tempFolder } from '../support/temp-folder.js';
import { eventually } from '../support/within.js';
import { canReceive, NotifySocket } from './notify-socket.js';

describe('the address of the service manager', () => {
  it('is taken out of the environment', () => {
    const environment = { NOTIFY_SOCKET: '/run/x', WATCHDOG_USEC: '3000000', WATCHDOG_PID: '7', HOME: '/' };
    expect(takeManagerAddress(environment, 7)).toEqual({ socket: '/run/x', watchdog: 3000 });
    expect(environment).toEqual({ HOME: '/' });
  });

  it.each([
    ['nobody listens', {}, null],
    ['it is of another kind', { NOTIFY_SOCKET: 'vsock:2:1234' }, null],
    ['nobody asks for signs of life', { NOTIFY_SOCKET: '@x' }, { socket: '@x', watchdog: null }],
    [
      'another process is asked for them',
      { NOTIFY_SOCKET: '@x', WATCHDOG_USEC: '1000', WATCHDOG_PID: '8' },
      { socket: '@x', watchdog: null },
    ],
    [
      'any process is asked for them',
      { NOTIFY_SOCKET: '@x', WATCHDOG_USEC: '1000' },
      { socket: '@x', watchdog: 1 },
    ],
    [
      'how often makes no sense',
      { NOTIFY_SOCKET: '@x', WATCHDOG_USEC: 'often' },
      { socket: '@x', watchdog: null },
    ],
  ])('when %s', (_, environment, expected) => {
    expect(takeManagerAddress({ ...environment }, 7)).toEqual(expected);
  });
});

describe.skipIf(!canReceive())('a service manager', () => {
  const unexpected = (trouble: string) => {
    throw new Error(trouble);
  };

  it.each(['a path', 'a name'])('that listens at %s is told all in order', async (kind) => {
    const name = `@sidecar-${randomUUID()}`;
    const socket = await NotifySocket.open(kind === 'a path' ? join(await tempFolder(), 'notify') : name);
    const manager = new ServiceManager({ socket: socket.address, watchdog: null }, unexpected);
    manager.status('0 of 1 running');
    manager.status('1 of 1 running; 100 % "done"');
    manager.ready();
    const failure = new Error('it was wrong');
    await expect(manager.whileReloading(() => Promise.reject(failure))).rejects.toBe(failure);
    manager.stopping();
    manager.stopping();
    await manager.close();
    await socket.arrived('STOPPING=1');
    expect(socket.received).toEqual([
      // Of those that wait, only the last counts.
      'STATUS=1 of 1 running; 100 % "done"',
      'READY=1',
      'RELOADING=1',
      expect.stringMatching(/^MONOTONIC_USEC=[1-9]\d+$/),
      'READY=1',
      'STOPPING=1',
    ]);
  });

  it('hears signs of life until it is closed', async () => {
    const socket = await NotifySocket.open(join(await tempFolder(), 'notify'));
    const manager = new ServiceManager({ socket: socket.address, watchdog: 100 }, unexpected);
    await eventually(() => socket.count('WATCHDOG=1') >= 3, 'signs of life');
    await manager.close();
  });

  it('that is not there is complained of once', async () => {
    const troubles: string[] = [];
    const address = { socket: join(await tempFolder(), 'nowhere'), watchdog: null };
    const manager = new ServiceManager(address, (trouble) => troubles.push(trouble));
    manager.ready();
    manager.stopping();
    await manager.close();
    expect(troubles).toEqual([expect.stringMatching(/^systemd can't be told how it goes: /)]);
  });
});
