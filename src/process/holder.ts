import { findUnixHolder } from '../os/impostor.js';
import { readTcpListeners } from '../os/listening-sockets.js';
import { findHolder, type Holder } from '../os/socket-holder.js';

/** Who listens on a TCP port; null where the platform does not tell (only Linux does) or it is another user's. */
export async function findPortHolder(port: number): Promise<Holder | null> {
  if (process.platform !== 'linux') return null;
  const listener = (await readTcpListeners()).find((each) => each.port === port);
  return listener === undefined ? null : findHolder(listener.inode);
}

/** Who listens on a Unix domain socket; null where the platform does not tell or it is another user's. */
export async function findSocketHolder(socketPath: string): Promise<Holder | null> {
  return process.platform === 'linux' ? findUnixHolder(socketPath) : null;
}

/** ` by pid 123 (nginx -g daemon off;)`, or nothing when unknown. */
export function describeHolder(holder: Holder | null): string {
  return holder === null ? ' by another process' : ` by pid ${holder.pid} (${holder.command})`;
}
