import { lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { describeHolder, findSocketHolder } from './holder.js';
import { SpawnError } from './spawn-failure.js';

/** How long a socket that is there may take to accept or refuse. A full backlog counts as alive. */
const CONNECT_TIMEOUT = 1000;

/**
 * Makes way for a sidecar's socket: a stale one (nobody listens) is removed, a live one is refused.
 *
 * @throws {SpawnError} when somebody listens on it, or something else lies there.
 */
export async function clearSocketPath(socketPath: string): Promise<void> {
  // A named pipe on Windows is no file and vanishes with its owner.
  if (process.platform === 'win32') return refuseLive(socketPath);
  const found = await lstat(socketPath).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new SpawnError({
      code: error.code ?? 'UNKNOWN',
      message: `ipc.socketPath ${socketPath} can't be looked at: ${error.message}`,
      permanent: true,
    });
  });
  if (found === null) return;
  if (!found.isSocket()) {
    throw new SpawnError({
      code: 'EEXIST',
      message: `ipc.socketPath ${socketPath} is a file that is not a socket; move it, or choose another path`,
      permanent: true,
    });
  }
  await refuseLive(socketPath);
  await unlink(socketPath).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return;
    throw new SpawnError({
      code: error.code ?? 'UNKNOWN',
      message: `the stale socket ${socketPath} can't be removed: ${error.message}`,
      permanent: true,
    });
  });
}

async function refuseLive(socketPath: string): Promise<void> {
  if (!(await isLive(socketPath))) return;
  const holder = describeHolder(await findSocketHolder(socketPath));
  throw new SpawnError({
    code: 'EADDRINUSE',
    message: `socket ${socketPath} is held${holder}; end it, or set ipc.socketPath to another path`,
    permanent: false,
  });
}

function isLive(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    const settle = (live: boolean) => {
      socket.destroy();
      resolve(live);
    };
    socket.setTimeout(CONNECT_TIMEOUT, () => settle(true));
    socket.once('connect', () => settle(true));
    socket.once('error', (error: NodeJS.ErrnoException) => settle(error.code === 'EAGAIN'));
  });
}
