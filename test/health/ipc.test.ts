import { once } from 'node:events';
import { chmod, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createIpcCheck } from '../../src/health/ipc.js';
import { checkedProcess, longDeadline } from '../support/checked-process.js';
import { tempFolder } from '../support/temp-folder.js';

const NOBODY = 65_534;
const { seteuid } = process;
const isRoot = process.geteuid?.() === 0 && seteuid !== undefined;
if (!isRoot) console.log('Skipped here: a socket of another user, because only root can make one.');

async function listenOn(path: string) {
  const server = createServer((socket) => socket.destroy()).listen(path);
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
}

function checkOf(socketPath: string, permissions = 0o600) {
  return createIpcCheck(
    checkedProcess({ transport: 'ipc', socketPath }, { transport: 'ipc', ipc: { socketPath, permissions } }),
  );
}

describe('the check of a socket', () => {
  it('passes when something accepts, and gives the socket its mode', async () => {
    const path = join(await tempFolder(), 'a.sock');
    await listenOn(path);
    await chmod(path, 0o777);
    await checkOf(path).run(longDeadline());
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('fails when there is no socket, and when nobody listens', async () => {
    const path = join(await tempFolder(), 'a.sock');
    await expect(checkOf(path).run(longDeadline())).rejects.toThrow('ENOENT');
  });

  it.runIf(isRoot)('names the mode that it can not give', async () => {
    const path = join(await tempFolder(), 'a.sock');
    await listenOn(path);
    await chmod(path, 0o777);
    await chmod(dirname(path), 0o755);
    seteuid?.(NOBODY);
    try {
      await expect(checkOf(path).run(longDeadline())).rejects.toThrow(
        `${path} has mode 0777 and could not be given 0600: EPERM`,
      );
    } finally {
      seteuid?.(0);
    }
  });

  it('leaves no connection open, also when the other side would', async () => {
    const path = join(await tempFolder(), 'a.sock');
    const server = createServer({ allowHalfOpen: true }, (socket) => socket.resume()).listen(path);
    onTestFinished(() => {
      server.close();
    });
    await once(server, 'listening');
    const check = checkOf(path, (await stat(path)).mode & 0o777);
    for (let times = 0; times < 20; times += 1) {
      const [[connection]] = await Promise.all([once(server, 'connection'), check.run(longDeadline())]);
      // What is destroyed, and not only ended, is closed though the server never ends it.
      if (!connection.readableEnded) await once(connection, 'end');
    }
    const handles = process.getActiveResourcesInfo().filter((name) => name === 'PipeWrap');
    expect(handles.length).toBeLessThan(20 + 15);
  });

  it('gives up when its signal aborts, with its reason', async () => {
    const path = join(await tempFolder(), 'a.sock');
    await listenOn(path);
    await expect(checkOf(path).run(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });

  it('can not be made for a sidecar that listens on a TCP port, or has not said where', () => {
    const http = { transport: 'http', host: '127.0.0.1', port: 1 } as const;
    expect(() => createIpcCheck(checkedProcess(http))).toThrow('it listens on a TCP port');
    expect(() => createIpcCheck(checkedProcess(null))).toThrow('it has not said yet where it listens');
  });
});
