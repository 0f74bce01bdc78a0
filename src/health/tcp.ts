import type { SingleCheckConfig } from '../config/check-schema.js';
import { connectableHost, tcpOptions } from '../os/address.js';
import type { Check, CheckedProcess } from './check.js';
import { confirmListener } from './confirm-listener.js';
import { tryToConnect } from './connect.js';
import { atPort, requireEndpoint } from './listening-endpoint.js';

/** Connects to a TCP port: that of the sidecar, or another of its or another host. */
export function createTcpCheck(
  { host, port }: Extract<SingleCheckConfig, { type: 'tcp' }>,
  checked: CheckedProcess,
): Check {
  // With both given, where the sidecar listens does not matter.
  if (host !== undefined && port !== undefined) return createConnection(host, port);
  const endpoint = atPort(requireEndpoint(checked), port);
  if (endpoint.transport !== 'http') throw new Error('it listens on a Unix socket, not on a TCP port');
  if (host !== undefined) return createConnection(host, endpoint.port);
  return confirmListener(createConnection(endpoint.host, endpoint.port), endpoint, checked);
}

function createConnection(host: string, port: number): Check {
  const address = connectableHost(host);
  const options = tcpOptions(host, port);
  return {
    name: `connect to ${address.includes(':') ? `[${address}]` : address}:${port}`,
    run: (signal) => tryToConnect(options, signal),
    close() {},
  };
}
