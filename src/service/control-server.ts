import { randomBytes } from 'node:crypto';
import { chmod, rename, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { errorCode } from '../os/error-code.js';
import { StateDirectory } from '../state/state-directory.js';
import { randomToken } from '../web/token.js';
import type { TcpAccess } from './access.js';
import { createApp } from './app.js';
import { EventFeed } from './event-feed.js';
import { FleetHistory } from './fleet-history.js';
import { openApiOf } from './open-api.js';
import { type ServicePlace, servicePlace, TOKEN_FILE } from './place.js';
import { RecentLines } from './recent-lines.js';
import { routesOf } from './routes.js';
import type { Service } from './service.js';

/** The same configuration is run by another process. */
export class ServiceRunningError extends Error {
  override readonly name = 'ServiceRunningError';
}

export interface ControlServerOptions {
  /** The path of the configuration file, with links resolved: it tells services apart. */
  readonly config: string;
  /** Also over TCP, to whoever has the token. */
  readonly listen: {
    readonly host: string;
    readonly port: number;
    /** By default a random one, anew each time. */
    readonly token?: string | undefined;
  } | null;
  readonly version: string;
  /** How long a request may take to arrive, in milliseconds; 10,000 by default. */
  readonly requestTimeout?: number;
  /** What no request should have brought about. */
  readonly onFault: (error: unknown) => void;
}

export interface ControlServer {
  /** `host:port`; null without `listen`. */
  readonly tcpAddress: string | null;
  /** Where the token for it is. */
  readonly tokenFile: string;
  /** Answers what is under way, ends the streams, and listens no more. */
  close(): Promise<void>;
}

/** The longest path that a Unix socket can have: `sun_path` in unix(7), shorter on macOS. */
const LONGEST_PATH = process.platform === 'darwin' ? 103 : 107;
/** How long requests under way may take when it closes, in milliseconds. */
const CLOSING_TIME = 2000;
const OWNER_ONLY = 0o600;

/**
 * Listens to what `sidecar status` and its like ask.
 *
 * @throws {ServiceRunningError} when a service of the same configuration answers already
 * @throws {Error} when it can't listen
 */
export async function openControl(service: Service, options: ControlServerOptions): Promise<ControlServer> {
  const { config, listen, version, requestTimeout = 10_000, onFault } = options;
  const place = servicePlace(config);
  const directory = new StateDirectory(place.directory);
  await directory.prepare();
  await requireFree(place);

  const feed = new EventFeed(service);
  const lines = new RecentLines(service);
  const history = new FleetHistory(service);
  const routes = routesOf(service, { feed, lines, history });
  const appFor = (access: TcpAccess | null) => {
    const openApi = openApiOf(routes, { version, takesToken: access !== null });
    return createApp(routes, { access, openApi, requestTimeout, onFault });
  };
  const apps: FastifyInstance[] = [];
  const close = async () => {
    feed.close();
    lines.close();
    history.close();
    await Promise.all(apps.map(closeInTime));
    if (listen !== null) await directory.remove(TOKEN_FILE);
  };

  try {
    const local = appFor(null);
    apps.push(local);
    await local.listen({ path: place.address }).catch((error: unknown) => {
      throw errorCode(error) === 'EADDRINUSE' ? isRunning() : error;
    });
    if (process.platform !== 'win32') await chmod(place.address, OWNER_ONLY);
    const tcpAddress = listen && (await listenOnTcp(listen));
    return { tcpAddress, tokenFile: place.tokenFile, close };
  } catch (error) {
    await close();
    throw error;
  }

  async function listenOnTcp({
    host,
    port,
    token = randomToken(),
  }: NonNullable<ControlServerOptions['listen']>): Promise<string> {
    await directory.write(TOKEN_FILE, token);
    const remote = appFor({ token, host });
    apps.push(remote);
    const address = await remote.listen({ host, port });
    return address.replace(/^http:\/\//, '');
  }
}

/** Removes a socket that nobody listens on any more, as after SIGKILL. */
async function requireFree({ address, directory }: ServicePlace): Promise<void> {
  if (process.platform !== 'win32' && Buffer.byteLength(address) > LONGEST_PATH) {
    throw new Error(
      `${address} is too long for a Unix socket (at most ${LONGEST_PATH} bytes): set XDG_RUNTIME_DIR to a shorter folder`,
    );
  }
  const found = await lookForListener(address);
  if (found === 'answers') throw isRunning();
  if (found === 'nobody') await removeStale(address, directory);
}

/** Between the look and the removal somebody else may have begun to listen: so it is moved, looked at, and put back. */
async function removeStale(address: string, directory: string): Promise<void> {
  const aside = join(directory, randomBytes(4).toString('hex'));
  try {
    await rename(address, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  if ((await lookForListener(aside)) === 'answers') {
    await rename(aside, address);
    throw isRunning();
  }
  await rm(aside, { force: true });
}

function lookForListener(address: string): Promise<'answers' | 'nobody' | 'nothing'> {
  return new Promise((resolve, reject) => {
    const socket = connect(address);
    socket.on('connect', () => {
      socket.destroy();
      resolve('answers');
    });
    socket.on('error', (error) => {
      const code = errorCode(error);
      if (code === 'ENOENT') resolve('nothing');
      else if (code === 'ECONNREFUSED') resolve('nobody');
      else reject(error);
    });
  });
}

function isRunning(): ServiceRunningError {
  return new ServiceRunningError('a service of this configuration is running already; see "sidecar status"');
}

async function closeInTime(app: FastifyInstance): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), CLOSING_TIME);
  try {
    await app.close();
  } finally {
    clearTimeout(timer);
  }
}
