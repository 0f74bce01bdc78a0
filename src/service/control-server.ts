import { once } from 'node:events';
import { chmod, rename, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { errorCode } from '../os/error-code.js';
import { uniqueId } from '../os/unique-id.js';
import { StateDirectory } from '../state/state-directory.js';
import type { TcpAccess } from './access.js';
import { EventFeed } from './event-feed.js';
import { FleetHistory } from './fleet-history.js';
import { lateListener } from './late-listener.js';
import { type ServicePlace, servicePlace, TOKEN_FILE } from './place.js';
import { RecentLines } from './recent-lines.js';
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
const MOST_CONNECTIONS = 1000;
/** How long a connection may lie idle, in milliseconds. */
const KEEP_ALIVE = 72_000;

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

  const sources = {
    feed: new EventFeed(service),
    lines: new RecentLines(service),
    history: new FleetHistory(service),
  };
  const newServer = (answer: RequestListener) => serverOf(answer, requestTimeout);
  const load = async (access: TcpAccess | null, serve: typeof newServer): Promise<FastifyInstance> => {
    const { createControlApp } = await import('./control-app.js');
    return createControlApp(service, { sources, access, version, serve, onFault });
  };

  const local: Server = newServer(
    // Most services are asked nothing for long, and what answers takes a tenth of a second and ten megabytes.
    lateListener(async () => {
      const app = await load(null, () => local);
      await app.ready();
      return (request, response) => app.routing(request, response);
    }, onFault),
  );
  let remote: FastifyInstance | null = null;
  const close = async () => {
    for (const source of Object.values(sources)) source.close();
    await Promise.all([closeServer(local), remote && closeApp(remote)]);
    if (listen !== null) await directory.remove(TOKEN_FILE);
  };

  try {
    await listenOnSocket(local, place);
    const tcpAddress = listen && (await listenOnTcp(listen));
    return { tcpAddress, tokenFile: place.tokenFile, close };
  } catch (error) {
    await close();
    throw error;
  }

  async function listenOnTcp({
    host,
    port,
    token,
  }: NonNullable<ControlServerOptions['listen']>): Promise<string> {
    const asked = token ?? (await freshToken());
    await directory.write(TOKEN_FILE, asked);
    remote = await load({ token: asked, host }, newServer);
    const address = await remote.listen({ host, port });
    return address.replace(/^http:\/\//, '');
  }
}

/** @param requestTimeout within it a request has to be there: one that never ends must not hold a connection */
function serverOf(answer: RequestListener, requestTimeout: number): Server {
  const limits = {
    requestTimeout,
    headersTimeout: requestTimeout,
    connectionsCheckingInterval: requestTimeout / 4,
    keepAliveTimeout: KEEP_ALIVE,
  };
  const server = createServer(limits, answer);
  server.maxConnections = MOST_CONNECTIONS;
  return server;
}

async function listenOnSocket(server: Server, { address }: ServicePlace): Promise<void> {
  server.listen(address);
  await once(server, 'listening').catch((error: unknown) => {
    throw errorCode(error) === 'EADDRINUSE' ? isRunning() : error;
  });
  if (process.platform !== 'win32') await chmod(address, OWNER_ONLY);
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
  const aside = join(directory, uniqueId().slice(-8));
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

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  await inTime(server, closed);
}

async function closeApp(app: FastifyInstance): Promise<void> {
  await inTime(app.server, app.close());
}

/** What is still under way then is cut off. */
async function inTime(server: Server, closed: Promise<unknown>): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), CLOSING_TIME);
  try {
    await closed;
  } finally {
    clearTimeout(timer);
  }
}

/** Loaded for this only: `node:crypto` takes its time, and memory. */
async function freshToken(): Promise<string> {
  const { randomToken } = await import('../web/token.js');
  return randomToken();
}
