import { createServer } from 'node:net';
import { describeHolder, findPortHolder } from './holder.js';
import { SpawnError } from './spawn-failure.js';

/** Ports handed out to incarnations that still live: the system may give a port that was just freed twice. */
const handedOut = new Set<number>();

const MAX_TRIES = 50;

/** A port that nobody listens on now, and nobody else is given until it is released. */
export async function reserveFreePort(host: string): Promise<number> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const port = await tryToListen(host, 0);
    if (typeof port !== 'number') throw failedToListen(host, 0, port);
    if (handedOut.has(port)) continue;
    // Marked before the second look, which waits: another sidecar may be searching at the same time.
    handedOut.add(port);
    if ((await findConflict(host, port)) === null) return port;
    handedOut.delete(port);
  }
  throw new SpawnError({
    code: 'EADDRINUSE',
    message: `no free port was found on ${host} in ${MAX_TRIES} tries`,
    permanent: false,
  });
}

export function releasePort(port: number): void {
  handedOut.delete(port);
}

/** @throws {SpawnError} that names the holder, when somebody listens on the port already. */
export async function requireFreePort(host: string, port: number): Promise<void> {
  const conflict = await findConflict(host, port);
  if (conflict === null) return;
  if (conflict.code !== 'EADDRINUSE') throw failedToListen(host, port, conflict);
  const holder = describeHolder(await findPortHolder(port));
  throw new SpawnError({
    code: 'EADDRINUSE',
    message: `port ${port} is held${holder}; end it, or set http.port to another port (0 picks a free one)`,
    permanent: false,
  });
}

/** The literal addresses behind a host name that a sidecar may listen on. */
function addressesOf(host: string): readonly [string, ...string[]] {
  return host === 'localhost' ? ['127.0.0.1', '::1'] : [host];
}

async function findConflict(host: string, port: number): Promise<NodeJS.ErrnoException | null> {
  for (const address of addressesOf(host)) {
    const result = await tryToListen(address, port);
    // A machine without IPv6 has no ::1 that anybody could hold.
    if (typeof result === 'number' || (host === 'localhost' && isNoAddress(result))) continue;
    return result;
  }
  return null;
}

function isNoAddress({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT';
}

function tryToListen(host: string, port: number): Promise<number | NodeJS.ErrnoException> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ host: addressesOf(host)[0], port, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      server.close(() => resolve(bound));
    });
  });
}

function failedToListen(host: string, port: number, error: NodeJS.ErrnoException): SpawnError {
  const code = error.code ?? 'UNKNOWN';
  const hints: Readonly<Record<string, string>> = {
    EACCES: `port ${port} needs privileges that this user lacks; choose one above 1023`,
    EADDRNOTAVAIL: `${host} is not an address of this machine; see http.host`,
    ENOTFOUND: `${host} could not be resolved; see http.host`,
  };
  const message = hints[code] ?? `${host}:${port} can't be listened on: ${error.message}`;
  return new SpawnError({ code, message, permanent: code in hints });
}
