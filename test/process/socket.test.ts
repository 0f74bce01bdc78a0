import { once } from 'node:events';
import { statSync } from 'node:fs';
import { lstat, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSidecar } from '../../src/index.js';
import { holdSocket } from '../support/port-holder.js';
import { canListProcesses } from '../support/processes.js';
import { type ServerOptions, serverArgs, serverConfig, shellConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { watch } from '../support/watched-sidecar.js';

type Sections = NonNullable<Parameters<typeof serverConfig>[1]>;

function socketConfig(socketPath: string, options: ServerOptions = {}, sections: Sections = {}) {
  return serverConfig(options, { ...sections, transport: 'ipc', ipc: { socketPath } });
}

async function newPath(): Promise<string> {
  return join(await tempFolder(), 'sidecar.sock');
}

describe('a socket', () => {
  it('is what the sidecar listens on, with the mode 0600 by default', async () => {
    const path = await newPath();
    const watched = await watch(socketConfig(path)).run();
    const found = await stat(path);
    expect(found.isSocket()).toBe(true);
    expect(found.mode & 0o777).toBe(0o600);
    const { report } = await watched.next('health-checked');
    expect(report).toMatchObject({ check: `GET /health over ${path}`, passed: true });
    await watched.stopsCleanly();
  });

  it('gets its mode before the sidecar counts as healthy', async () => {
    const path = await newPath();
    const [server, options] = serverArgs().map((arg) => `'${arg}'`);
    const config = shellConfig('', {
      transport: 'ipc',
      ipc: { socketPath: path },
      // Without this, the socket would begin with 0777.
      process: { args: ['-c', `umask 0; exec "$0" ${server} ${options}`, process.execPath] },
    });
    const watched = watch(config);
    const modes: number[] = [];
    watched.sidecar.on('healthy', () => {
      modes.push(statSync(path).mode & 0o777);
    });
    await watched.run();
    expect(modes.map((mode) => mode.toString(8))).toEqual(['600']);
    await watched.stopsCleanly();
  });

  it('gets its mode again when the program changes it, at the latest with the next check', async () => {
    const path = await newPath();
    const watched = await watch(socketConfig(path, { chmodSocket: '777' })).run();
    await watched.printed(/^listening/);
    // From here on the program leaves it alone.
    const since = performance.timeOrigin + performance.now();
    await watched.next('health-checked', ({ report }) => report.checkedAt > since);
    expect((statSync(path).mode & 0o777).toString(8)).toBe('600');
    await watched.stopsCleanly();
  });

  it('may have another mode', async () => {
    const path = await newPath();
    const watched = await watch({
      ...socketConfig(path),
      ipc: { socketPath: path, permissions: 0o660 },
    }).run();
    expect(((await stat(path)).mode & 0o777).toString(8)).toBe('660');
    await watched.stopsCleanly();
  });

  it('is not whatever lies at its path: a file that the program put there is named, and keeps its mode', async () => {
    const path = await newPath();
    const file = join(await tempFolder(), 'file');
    await writeFile(file, '', { mode: 0o640 });
    const config = shellConfig(`ln -s ${file} "$SOCKET_PATH"; exec sleep 300`, {
      transport: 'ipc',
      ipc: { socketPath: path },
      process: { maxRestarts: 0 },
      healthCheck: { startupTimeout: 1000, timeout: 500 },
    });
    const watched = watch(config).start();
    await watched.next('stopped');
    expect(String(await watched.started)).toContain(
      `GET /health over ${path} failed: ${path} is not a socket`,
    );
    expect((await stat(file)).mode & 0o777).toBe(0o640);
    expect(watched.all('healthy')).toEqual([]);
  });

  it('that is stale is removed before the spawn', async () => {
    const path = await newPath();
    const holder = await holdSocket(path);
    await holder.end();
    // Killed, it left its socket behind.
    expect((await lstat(path)).isSocket()).toBe(true);
    // Listening would fail if it were still there.
    const watched = await watch(socketConfig(path)).run();
    expect(watched.all('spawned')).toHaveLength(1);
    await watched.stopsCleanly();
  });

  it('of a sidecar that was killed is no trouble for the next incarnation', async () => {
    const watched = await watch(socketConfig(await newPath())).run();
    process.kill(watched.pid, 'SIGKILL');
    await watched.next('healthy', ({ generation }) => generation === 2);
    expect(watched.all('restart-scheduled')).toHaveLength(1);
    await watched.stopsCleanly();
  });

  it('that somebody listens on is refused and left alone; its holder is named, and it is taken once free', async () => {
    const path = await newPath();
    const holder = await holdSocket(path);
    const before = await lstat(path);
    const watched = watch(
      socketConfig(path, {}, { process: { restartDelay: 200, maxRestarts: 50 } }),
    ).start();
    const { cause } = await watched.next('restart-scheduled');
    if (cause.type !== 'spawn-failed') throw new Error(`another cause: ${cause.type}`);
    expect(cause.failure).toMatchObject({ code: 'EADDRINUSE', permanent: false });
    const who = canListProcesses ? ` by pid ${holder.pid} (${process.execPath} -e ` : ' by another process';
    expect(cause.failure.message).toContain(`socket ${path} is held${who}`);
    expect((await lstat(path)).ino).toBe(before.ino);
    expect(watched.all('spawned')).toEqual([]);

    await holder.end();
    await watched.next('healthy');
    await watched.stopsCleanly();
  });

  it.runIf(canListProcesses)(
    'that somebody listens on by another name is refused, and its holder is named',
    async () => {
      const folder = await tempFolder();
      const path = join(folder, 'sidecar.sock');
      const holder = await holdSocket(path);
      const link = join(await tempFolder(), 'link');
      await symlink(folder, link);
      const watched = watch(
        socketConfig(join(link, 'sidecar.sock'), {}, { process: { autoRestart: false } }),
      ).start();
      await watched.next('stopped');
      expect(String(await watched.started)).toContain(`by pid ${holder.pid} (`);
    },
  );

  it('that the host itself listens on is refused, too', async () => {
    const path = await newPath();
    const server = createServer().listen(path);
    await once(server, 'listening');
    const watched = watch(socketConfig(path, {}, { process: { maxRestarts: 0 } })).start();
    const { cause } = await watched.next('stopped');
    expect(cause).toMatchObject({ type: 'spawn-failed', failure: { code: 'EADDRINUSE' } });
    server.close();
  });

  it('is never a regular file: that is not deleted', async () => {
    const path = await newPath();
    await writeFile(path, 'precious');
    const watched = watch(socketConfig(path)).start();
    const { reason, cause } = await watched.next('stopped');
    expect(reason).toBe('spawn-failed');
    expect(cause).toMatchObject({ failure: { code: 'EEXIST', permanent: true } });
    expect(String(await watched.started)).toContain(`ipc.socketPath ${path} is a file that is not a socket`);
    expect(await readFile(path, 'utf8')).toBe('precious');
  });

  it('is never a link either', async () => {
    const path = await newPath();
    const precious = join(await tempFolder(), 'precious');
    await writeFile(precious, 'precious');
    await symlink(precious, path);
    const watched = watch(socketConfig(path)).start();
    const { cause } = await watched.next('stopped');
    expect(cause).toMatchObject({ failure: { code: 'EEXIST' } });
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
  });

  it('whose path is too long is an error of the configuration', () => {
    const path = `/tmp/${'x'.repeat(99)}`;
    expect(() => createSidecar(socketConfig(path))).toThrow(/ipc\.socketPath: is 104 bytes long/);
  });

  it('in a folder that does not exist is told by the program itself', async () => {
    const path = join(await tempFolder(), 'missing', 'a.sock');
    const watched = watch(socketConfig(path, {}, { process: { maxRestarts: 0 } })).start();
    const { exit } = await watched.next('stopped');
    expect(exit?.tail.join('\n')).toContain('cannot listen');
  });
});
