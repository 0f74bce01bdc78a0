import { lookup } from 'node:dns/promises';
import { realpathSync } from 'node:fs';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { connectableHost } from './address.js';
import { reachableListeners, readUnixListeners, type TcpListener } from './listening-sockets.js';
import { descentOf, familyOf, isAlive } from './process-group.js';
import { recentTcpListeners, sharedTcpListeners } from './shared-tcp-listeners.js';
import { findHolder, type Holder, readFolder, takeHeldSockets } from './socket-holder.js';

/** Somebody who listens where a process should; `holder` is null when it can't be told who. */
export interface Impostor {
  readonly holder: Holder | null;
}

/**
 * Who of others than the group and the descendants of `leader` a connection to a TCP port may reach. Null when
 * nobody does, and when it can't be told: not Linux, another machine or network namespace, processes that may not
 * be looked into.
 *
 * @param since before that, by `performance.now()`, the leader did not listen
 */
export async function findTcpImpostor(
  host: string,
  port: number,
  leader: number,
  since?: number,
): Promise<Impostor | null> {
  const addresses = await addressesOf(host);
  const reachableAmong = (listeners: readonly TcpListener[]) =>
    addresses.flatMap((address) => reachableListeners(listeners, address, port));
  // A socket that it still holds still listens. What somebody else held may be gone: that takes a new look.
  const known = reachableAmong(recentTcpListeners(since)).map(({ inode }) => inode);
  if (known.length > 0 && withoutThose(known, descentOf(leader)).foreign.size === 0) return null;
  const reachable = reachableAmong(await sharedTcpListeners());
  const { foreign, isCertain } = withoutThose(
    reachable.map(({ inode }) => inode),
    familyOf(leader),
  );
  const [inode] = foreign;
  // What a process that has ended held is nobody's yet; and to find whose takes a look at every process.
  if (inode === undefined || !isAlive(leader)) return null;
  const holder = findHolder(inode);
  return holder === null && !isCertain ? null : { holder };
}

/**
 * The same for a Unix socket. When several listen on its path, all but one are cut off from it, as it was removed
 * and made anew; which one is left can't be told, so one of the own is enough.
 */
export function findUnixImpostor(socketPath: string, leader: number): Impostor | null {
  const wanted = realPath(resolve(socketPath));
  const candidates = listenersThatMayBe(wanted);
  const { foreign, isCertain } = withoutThose(
    candidates.map(({ inode }) => inode),
    familyOf(leader),
  );
  if (foreign.size < candidates.length) return null;
  for (const { path, inode } of candidates) {
    const holder = findHolder(inode);
    if (isAbsolute(path) ? holder !== null || isCertain : isBoundIn(holder, path, wanted)) return { holder };
  }
  return null;
}

/** Who listens on a Unix socket; null when nobody does, or it can't be told who. */
export function findUnixHolder(socketPath: string): Holder | null {
  const wanted = realPath(resolve(socketPath));
  for (const { path, inode } of listenersThatMayBe(wanted)) {
    const holder = findHolder(inode);
    if (holder !== null && (isAbsolute(path) || isBoundIn(holder, path, wanted))) return holder;
  }
  return null;
}

/** The sockets that none of the processes holds; not certain when one of those may not be looked into. */
function withoutThose(inodes: readonly string[], holders: Iterable<number>) {
  const foreign = new Set(inodes);
  let isCertain = true;
  if (foreign.size === 0) return { foreign, isCertain };
  for (const pid of holders) {
    if (!takeHeldSockets(foreign, pid)) isCertain = false;
    // Here, and not at the next one: to find that may take a look at every process.
    if (foreign.size === 0) break;
  }
  return { foreign, isCertain };
}

/** The addresses of this machine that a connection to a host may go to. */
async function addressesOf(host: string): Promise<readonly string[]> {
  if (host === 'localhost') return ['127.0.0.1', '::1'];
  const address = connectableHost(host);
  if (isIP(address) !== 0) return isOwnAddress(address) ? [address] : [];
  const found = await lookup(address, { all: true }).catch(() => []);
  return found.map((each) => each.address).filter(isOwnAddress);
}

function isOwnAddress(address: string): boolean {
  if (address.startsWith('127.') || address === '::1') return true;
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some((each) => each.address === address),
  );
}

function listenersThatMayBe(wanted: string) {
  return readUnixListeners().filter(({ path }) => mayBe(path, wanted));
}

function mayBe(bound: string, wanted: string): boolean {
  if (basename(bound) !== basename(wanted)) return false;
  return !isAbsolute(bound) || realPath(bound) === wanted;
}

/** Whether a path that was bound relative to the folder of its holder is the wanted one. */
function isBoundIn(holder: Holder | null, path: string, wanted: string): boolean {
  const folder = holder === null ? null : readFolder(holder.pid);
  return folder !== null && realPath(resolve(folder, path)) === wanted;
}

/** Through links in the folders: `/var/run` often is `/run`. */
function realPath(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    // The folder is gone.
    return path;
  }
}
