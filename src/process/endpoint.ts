import type { Endpoint } from '../../machines/sidecar.types.js';
import type { ResolvedSidecarConfig } from '../config/schema.js';
import { releasePort, requireFreePort, reserveFreePort } from './port.js';
import { clearSocketPath } from './socket.js';

/**
 * Where the sidecar is told to listen. Makes sure that nobody else is there, and picks a port when `http.port` is 0;
 * both are the business of a sidecar that announces where it listens.
 *
 * @throws {SpawnError} when the address is taken or can't be used.
 */
export async function prepareEndpoint(config: ResolvedSidecarConfig): Promise<Endpoint> {
  const { transport, http, ipc, process, endpoint } = config;
  switch (transport) {
    case 'http':
      return { transport, host: http.host, port: await preparePort(config) };
    case 'ipc':
      if (endpoint === undefined) await clearSocketPath(ipc.socketPath);
      return { transport, socketPath: ipc.socketPath };
    case 'direct':
      return { transport, library: process.command };
  }
}

async function preparePort({ http: { host, port }, endpoint }: ResolvedSidecarConfig): Promise<number> {
  if (endpoint !== undefined) return port;
  if (port === 0) return reserveFreePort(host);
  await requireFreePort(host, port);
  return port;
}

export function releaseEndpoint(endpoint: Endpoint): void {
  if (endpoint.transport === 'http') releasePort(endpoint.port);
}
