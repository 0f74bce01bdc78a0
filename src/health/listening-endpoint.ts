import type { Endpoint } from '../../machines/sidecar.types.js';
import type { CheckedProcess } from './check.js';

/** An endpoint that can be connected to. */
export type ListeningEndpoint = Exclude<Endpoint, { transport: 'direct' }>;

/** @throws {Error} when the sidecar does not listen, or has yet to say where. */
export function requireEndpoint({
  endpoint,
  notices,
}: Pick<CheckedProcess, 'endpoint' | 'notices'>): ListeningEndpoint {
  if (endpoint === null) throw new Error(notices.unusableEndpoint ?? 'it has not said yet where it listens');
  if (endpoint.transport === 'direct') throw new Error('it is a shared library, which does not listen');
  return endpoint;
}

/**
 * The endpoint, or another port of its host.
 *
 * @throws {Error} when there is no such port, as of a Unix socket.
 */
export function atPort(endpoint: ListeningEndpoint, port: number | undefined): ListeningEndpoint {
  if (port === undefined) return endpoint;
  if (endpoint.transport === 'http') return { ...endpoint, port };
  throw new Error(`port ${port} can't be checked: it listens on a Unix socket, which has no host`);
}
