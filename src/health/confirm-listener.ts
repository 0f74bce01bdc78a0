import { findTcpImpostor, findUnixImpostor } from '../os/impostor.js';
import { isQuicklySeenOnPort, isQuicklySeenOnSocket } from '../os/own-listener.js';
import { recentTcpListeners } from '../os/shared-tcp-listeners.js';
import type { Check, CheckedProcess } from './check.js';
import type { ListeningEndpoint } from './listening-endpoint.js';

/**
 * A check that passes only when it is the sidecar that listens there, and no impostor: another program may have taken
 * the port meanwhile, or share it. Where the system does not tell, that does not count against the sidecar.
 */
export function confirmListener(check: Check, endpoint: ListeningEndpoint, checked: CheckedProcess): Check {
  if (!checked.config.healthCheck.confirmListener || process.platform !== 'linux') return check;
  let isFirst = true;
  const since = performance.now();
  return {
    ...check,
    async run(signal) {
      const answer = check.run(signal);
      // The first pass lets requests in, so it is not held up by the milliseconds that a thorough look takes.
      const isSeenBefore = isFirst && isSeenOnSocket(endpoint, checked.pid);
      await answer;
      const isSeen = isSeenBefore || (isFirst && isSeenOnPort(endpoint, checked.pid));
      if (!isSeen) await requireOwnListener(endpoint, checked.pid, since);
      isFirst = false;
    },
  };
}

/** Quick whatever there is to see, so that it can be looked while the answer is on its way. */
function isSeenOnSocket(endpoint: ListeningEndpoint, pid: number): boolean {
  return endpoint.transport === 'ipc' && isQuicklySeenOnSocket(pid, endpoint.socketPath);
}

/** Quick only when there is something to see, which an answer makes likely. */
function isSeenOnPort(endpoint: ListeningEndpoint, pid: number): boolean {
  return endpoint.transport === 'http' && isCalm() && isQuicklySeenOnPort(pid, endpoint.host, endpoint.port);
}

/** At least so long lies between two quick looks, in milliseconds. */
const BETWEEN_QUICK_LOOKS = 3;
/** Among more listeners than these, one is hardly seen quickly. */
const FEW_LISTENERS = 32;

let lookedAt = Number.NEGATIVE_INFINITY;

/** Where many want to know at once, it is cheaper for all to share one thorough look. */
function isCalm(): boolean {
  const now = performance.now();
  if (recentTcpListeners().length > FEW_LISTENERS || now - lookedAt < BETWEEN_QUICK_LOOKS) return false;
  lookedAt = now;
  return true;
}

/** @throws {Error} that names who listens there instead. */
async function requireOwnListener(endpoint: ListeningEndpoint, pid: number, since: number): Promise<void> {
  const impostor =
    endpoint.transport === 'http'
      ? await findTcpImpostor(endpoint.host, endpoint.port, pid, since)
      : findUnixImpostor(endpoint.socketPath, pid);
  if (impostor === null) return;
  const { holder } = impostor;
  const place = endpoint.transport === 'http' ? `port ${endpoint.port}` : `socket ${endpoint.socketPath}`;
  const who =
    holder === null
      ? 'a process that is not of this sidecar'
      : `pid ${holder.pid} (${holder.command}), which is not of this sidecar`;
  throw new Error(`${place} is listened on by ${who}; see healthCheck.confirmListener`);
}
