import { readFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { isIPv6, SocketAddress } from 'node:net';
import { endianness } from 'node:os';

/** A TCP socket that accepts connections on this machine. */
export interface TcpListener {
  /** A literal address as Node.js writes it, such as `127.0.0.1` or `::`. */
  readonly address: string;
  readonly port: number;
  /** The number by which /proc knows the socket. */
  readonly inode: string;
}

/** A Unix socket that accepts connections on this machine. */
export interface UnixListener {
  /** As it was given to bind(2): perhaps relative to the folder that its process was in. */
  readonly path: string;
  readonly inode: string;
}

/** The kernel hands out its tables in pages of at least this size. */
const PAGE = 4096;

/** More than any row of a table is long. */
const LONGEST_ROW = 512;

/** Who listens on TCP in this network namespace; nobody where there is no /proc. */
export async function readTcpListeners(): Promise<readonly TcpListener[]> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(readTable));
  return tables.flatMap(parseTcpTable);
}

/** Who listens on Unix sockets in this network namespace; nobody where there is no /proc. */
export function readUnixListeners(): readonly UnixListener[] {
  let table: string;
  try {
    // At once: this table is quick to make, and each detour through the thread pool takes several times as long.
    table = readFileSync('/proc/net/unix', 'utf8');
  } catch {
    return [];
  }
  return parseUnixTable(table);
}

/** The listeners in the text of /proc/net/tcp or tcp6. */
export function parseTcpTable(text: string): TcpListener[] {
  // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode; the state 0A is LISTEN.
  const rows = text.matchAll(/^ *\d+: ([\dA-F]+):([\dA-F]{4}) [\dA-F]+:[\dA-F]{4} 0A (?:\S+ +){5}(\d+)/gm);
  return Array.from(rows, ([, address = '', port = '', inode = '']) => ({
    address: parseAddress(address),
    port: Number.parseInt(port, 16),
    inode,
  }));
}

/** The listeners in the text of /proc/net/unix that have a path. */
export function parseUnixTable(text: string): UnixListener[] {
  // Num RefCount Protocol Flags Type St Inode Path; the flag is __SO_ACCEPTCON. A path may hold spaces.
  const rows = text.matchAll(/^[\da-f]+: \S+ \S+ 00010000 \S+ \S+ +(\d+) (.+)$/gm);
  return Array.from(rows, ([, inode = '', path = '']) => ({ path, inode }));
}

/**
 * The listeners that a connection to a literal address may reach. As in the kernel, one that is bound to the very
 * address takes it from one that is bound to all.
 */
export function reachableListeners(
  listeners: readonly TcpListener[],
  address: string,
  port: number,
): readonly TcpListener[] {
  const bindings = isIPv6(address)
    ? [canonicalIPv6(address), '::']
    : [address, `::ffff:${address}`, '0.0.0.0', '::'];
  for (const bound of bindings) {
    const found = listeners.filter((listener) => listener.port === port && listener.address === bound);
    if (found.length > 0) return found;
  }
  return [];
}

/** Words of 32 bits, each as this machine keeps it: `0100007F` is 127.0.0.1 on a little-endian one. */
function parseAddress(hexadecimal: string): string {
  const bytes = Buffer.from(hexadecimal, 'hex');
  if (endianness() === 'LE') bytes.swap32();
  if (bytes.length === 4) return bytes.join('.');
  return canonicalIPv6(bytes.toString('hex').replaceAll(/(.{4})(?=.)/g, '$1:'));
}

function canonicalIPv6(address: string): string {
  return new SocketAddress({ address, family: 'ipv6' }).address;
}

/**
 * Not in the event loop: the kernel goes through its whole hash of connections for a TCP table, which takes some
 * milliseconds on a machine with much memory, and does so for each read, also for the one that only finds the end.
 */
async function readTable(path: string): Promise<string> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch {
    // No /proc, or no IPv6.
    return '';
  }
  try {
    const chunks: string[] = [];
    const buffer = Buffer.alloc(4 * PAGE);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      chunks.push(buffer.toString('utf8', 0, bytesRead));
      // Where another row would have fitted in there is none.
      if (bytesRead < PAGE - LONGEST_ROW) return chunks.join('');
    }
  } finally {
    await file.close();
  }
}
