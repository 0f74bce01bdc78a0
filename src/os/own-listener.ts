import { closeSync, openSync, readSync } from 'node:fs';
import { isIP } from 'node:net';
import { connectableHost } from './address.js';
import { parseTcpTable, readUnixListeners, type TcpListener } from './listening-sockets.js';
import { heldSockets } from './socket-holder.js';

/** One row of /proc/net/tcp, or a little more of tcp6. */
const ROW = 150;

/** The most rows that are looked at, and so the longest that this may take: about a millisecond. */
const MAX_ROWS = 64;

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];

/**
 * Whether a process itself, as far as can be seen quickly, listens where a connection to a host and port goes first.
 * The kernel lists listeners before connections: read row by row, its table costs a fraction of what reading the
 * whole takes. False means nothing.
 */
export function isQuicklySeenOnPort(pid: number, host: string, port: number): boolean {
  const address = host === 'localhost' ? '127.0.0.1' : connectableHost(host);
  if (isIP(address) === 0) return false;
  const sockets = socketsOf(pid);
  const isOwn = (row: TcpListener) =>
    row.port === port && sockets.has(row.inode) && [address, '0.0.0.0', '::'].includes(row.address);
  return sockets.size > 0 && TABLES.some((table) => isListed(table, isOwn));
}

/** The same for a Unix socket that was bound by just this path. */
export function isQuicklySeenOnSocket(pid: number, socketPath: string): boolean {
  const sockets = socketsOf(pid);
  if (sockets.size === 0) return false;
  return readUnixListeners().some(({ path, inode }) => path === socketPath && sockets.has(inode));
}

function isListed(table: string, isOwn: (row: TcpListener) => boolean): boolean {
  let file: number;
  try {
    file = openSync(table, 'r');
  } catch {
    // No IPv6.
    return false;
  }
  try {
    const buffer = Buffer.alloc(ROW);
    let text = '';
    for (let rows = 0; rows < MAX_ROWS; rows += 1) {
      const length = readSync(file, buffer, 0, ROW, null);
      text += buffer.toString('latin1', 0, length);
      const complete = text.slice(0, text.lastIndexOf('\n') + 1);
      text = text.slice(complete.length);
      if (parseTcpTable(complete).some(isOwn)) return true;
      // Connections follow, of which there may be many, or nothing does.
      if (length < ROW || /^ *\d+: \S+ \S+ (?!0A)/m.test(complete)) return false;
    }
    return false;
  } finally {
    closeSync(file);
  }
}

/** None when it can't be looked into, as it has ended: the thorough look follows. */
function socketsOf(pid: number): Set<string> {
  try {
    return new Set(heldSockets(pid));
  } catch {
    return new Set();
  }
}
