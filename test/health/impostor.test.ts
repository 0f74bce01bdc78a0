import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, symlink } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { holdPort, holdSocket } from '../support/port-holder.js';
import { serverArgs, serverConfig, shellConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { type WatchedSidecar, watch } from '../support/watched-sidecar.js';
import { within } from '../support/within.js';

const isLinux = process.platform === 'linux';
if (!isLinux) console.log('Skipped here: who it is that listens, because only Linux tells.');

const hasIPv6 = Object.values(networkInterfaces())
  .flat()
  .some((address) => address?.address === '::1');
if (!hasIPv6) console.log('Skipped here: listeners on ::1, because this machine has none.');

const hasPython = isInstalled('python3');
if (!hasPython) console.log('Skipped here: listeners that share a port, because python3 is not installed.');

function isInstalled(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Where the sidecar was told to listen, as soon as it was started. */
async function portOf(watched: WatchedSidecar): Promise<number> {
  const { endpoint } = await watched.next('spawned');
  if (endpoint?.transport !== 'http') throw new Error('It was told no port.');
  return endpoint.port;
}

/** The error of the next check that tells of an impostor. */
async function nextAccusation(watched: WatchedSidecar): Promise<string> {
  const { report } = await watched.next(
    'health-checked',
    (event) => !event.report.passed && event.report.error.includes('is listened on by'),
  );
  return report.passed ? '' : report.error;
}

/** A process that listens on the Unix socket `a.sock` of a folder, by that name only; its pid. */
async function listenIn(folder: string): Promise<number | undefined> {
  const script = "require('net').createServer().listen('a.sock', () => console.log('listening'))";
  const listener = spawn(process.execPath, ['-e', script], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    listener.kill('SIGKILL');
  });
  await within(once(listener.stdout, 'data'), () => 'a listener');
  return listener.pid;
}

const tcp = { type: 'tcp' } as const;

describe.runIf(isLinux)('an impostor', () => {
  it('that took the port after the spawn is named, and never makes a sidecar healthy', async () => {
    const watched = watch(serverConfig({ neverListen: true }, { healthCheck: { liveness: tcp } })).start();
    const port = await portOf(watched);
    const thief = await holdPort('127.0.0.1', port);
    const error = await nextAccusation(watched);
    expect(error).toContain(`port ${port} is listened on by pid ${thief.pid} (${process.execPath} -e `);
    expect(error).toMatch(/, which is not of this sidecar; see healthCheck\.confirmListener$/);
    await nextAccusation(watched);
    expect(watched.all('healthy')).toEqual([]);
    await watched.stopsCleanly();
  });

  it('is believed when confirmListener is off', async () => {
    const healthCheck = { liveness: tcp, confirmListener: false };
    const watched = watch(serverConfig({ neverListen: true }, { healthCheck })).start();
    await holdPort('127.0.0.1', await portOf(watched));
    await watched.next('healthy');
    await watched.stopsCleanly();
  });

  it('on a socket is named', async () => {
    const socketPath = join(await tempFolder(), 'a.sock');
    const watched = watch(
      serverConfig(
        { neverListen: true },
        { transport: 'ipc', ipc: { socketPath }, healthCheck: { liveness: { type: 'ipc' } } },
      ),
    ).start();
    await watched.next('spawned');
    const thief = await holdSocket(socketPath);
    expect(await nextAccusation(watched)).toContain(
      `socket ${socketPath} is listened on by pid ${thief.pid} (`,
    );
    expect(watched.all('healthy')).toEqual([]);
    await watched.stopsCleanly();
  });

  it('on a socket that it bound by a relative path is named', async () => {
    const folder = await tempFolder();
    const socketPath = join(folder, 'a.sock');
    const watched = watch(
      serverConfig(
        { neverListen: true },
        { transport: 'ipc', ipc: { socketPath }, healthCheck: { liveness: { type: 'ipc' } } },
      ),
    ).start();
    await watched.next('spawned');
    const thief = await listenIn(folder);
    expect(await nextAccusation(watched)).toContain(`by pid ${thief} (`);
    await watched.stopsCleanly();
  });

  it.runIf(hasIPv6)('on the other loopback address of localhost is found', async () => {
    const config = serverConfig(
      {},
      {
        http: { host: 'localhost' },
        process: { env: { HOST: '::1' } },
        healthCheck: { liveness: tcp, failureThreshold: 1 },
      },
    );
    const watched = await watch(config).run();
    const thief = await holdPort('127.0.0.1', Number(new URL(watched.origin).port));
    const { cause } = await watched.next('unhealthy');
    expect(cause).toMatchObject({ report: { error: expect.stringContaining(`by pid ${thief.pid} (`) } });
    await thief.end();
    await watched.next('recovered');
    await watched.stopsCleanly();
  });

  it.runIf(hasPython)('that shares the port is found', async () => {
    const script = `import os, socket, time
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
s.bind(('127.0.0.1', int(os.environ['PORT'])))
s.listen(100)
print('listening', flush=True)
time.sleep(300)`;
    const config = shellConfig('', {
      process: { command: 'python3', args: ['-c', script] },
      healthCheck: { liveness: tcp, failureThreshold: 1 },
    });
    const watched = await watch(config).run();
    const { port } = new URL(watched.origin);
    const thief = spawn('python3', ['-c', script], {
      env: { ...process.env, PORT: port },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => {
      thief.kill('SIGKILL');
    });
    await within(once(thief.stdout, 'data'), () => 'the thief');
    const { cause } = await watched.next('unhealthy');
    expect(cause).toMatchObject({
      report: { error: expect.stringContaining(`port ${port} is listened on by pid ${thief.pid} (`) },
    });
    await watched.stopsCleanly();
  });

  it('on another port of the same host is found, and on another host is not looked for', async () => {
    const other = await holdPort('127.0.0.1');
    const asked = { ...tcp, port: other.port };
    const watched = watch(serverConfig({}, { healthCheck: { liveness: asked } })).start();
    expect(await nextAccusation(watched)).toContain(
      `port ${other.port} is listened on by pid ${other.pid} (`,
    );
    await watched.stopsCleanly();

    const elsewhere = await watch(
      serverConfig({}, { healthCheck: { liveness: { ...asked, host: '127.0.0.1' } } }),
    ).run();
    await elsewhere.stopsCleanly();
  });
});

describe.runIf(isLinux)('no impostor is', () => {
  const server = serverArgs()
    .map((arg) => `'${arg}'`)
    .join(' ');

  it('a worker of the same group', async () => {
    const watched = await watch(shellConfig(`'${process.execPath}' ${server} & wait`)).run();
    await watched.stopsCleanly();
  });

  it('a worker whose parent has ended', async () => {
    const watched = await watch(
      shellConfig(`(sh -c "'${process.execPath}' ${server} & exit"); exec sleep 300`),
    ).run();
    await watched.stopsCleanly();
  });

  it('a descendant with a session of its own', async () => {
    const watched = await watch(shellConfig(`setsid '${process.execPath}' ${server} & wait`)).run();
    const { report } = await watched.next('health-checked');
    expect(report.passed).toBe(true);
    // It is out of reach for the group, so the test ends it.
    await watched.sidecar.stop();
  });

  it.each(['0.0.0.0', ...(hasIPv6 ? ['::'] : [])])(
    'a sidecar that listens on all addresses (%s)',
    async (host) => {
      const watched = await watch(serverConfig({}, { process: { env: { HOST: host } } })).run();
      await watched.stopsCleanly();
    },
  );

  it('a sidecar that binds its socket by a relative path', async () => {
    const cwd = await tempFolder();
    const watched = await watch(
      serverConfig(
        {},
        {
          transport: 'ipc',
          ipc: { socketPath: join(cwd, 'a.sock') },
          process: { cwd, env: { SOCKET_PATH: './a.sock' } },
        },
      ),
    ).run();
    await watched.printed('listening on unix:./a.sock');
    await watched.stopsCleanly();
  });

  it('a sidecar whose socket is reached through a link', async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, 'run'));
    await symlink('run', join(folder, 'var'));
    const watched = await watch(
      serverConfig(
        {},
        {
          transport: 'ipc',
          ipc: { socketPath: join(folder, 'var/a.sock') },
          process: { env: { SOCKET_PATH: join(folder, 'run/a.sock') } },
        },
      ),
    ).run();
    await watched.stopsCleanly();
  });

  it('somebody who bound the same name in another folder', async () => {
    const [mine, theirs] = [await tempFolder(), await tempFolder()];
    await listenIn(theirs);
    const socketPath = join(mine, 'a.sock');
    const watched = await watch(serverConfig({}, { transport: 'ipc', ipc: { socketPath } })).run();
    await watched.stopsCleanly();
  });
});
