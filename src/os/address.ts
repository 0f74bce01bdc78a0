import type { LookupFunction } from 'node:net';
import type { Endpoint } from '../../machines/sidecar.types.js';

type ListeningEndpoint = Exclude<Endpoint, { transport: 'direct' }>;

/** The origin of requests to an endpoint; for a Unix socket only the name that the server reads in `Host`. */
export function originOf(endpoint: ListeningEndpoint): string {
  if (endpoint.transport === 'ipc') return 'http://localhost';
  const host = connectableHost(endpoint.host);
  return `http://${host.includes(':') ? `[${host}]` : host}:${endpoint.port}`;
}

/** How undici connects to an endpoint. */
export function connectOptions(endpoint: ListeningEndpoint) {
  if (endpoint.transport === 'ipc') return { socketPath: endpoint.socketPath };
  return lookupOf(endpoint.host);
}

function lookupOf(host: string) {
  return { autoSelectFamily: true, ...(host === 'localhost' && { lookup: lookupLoopback }) };
}

/** How `node:http` connects to an endpoint. */
export function requestOptions(endpoint: ListeningEndpoint) {
  if (endpoint.transport === 'ipc') return { socketPath: endpoint.socketPath };
  return tcpOptions(endpoint.host, endpoint.port);
}

/** How a host and port are connected to. */
export function tcpOptions(host: string, port: number) {
  return { host: connectableHost(host), port, ...lookupOf(host) };
}

/** A wildcard is an address to listen on, not one to connect to. */
export function connectableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

/** `localhost` is both loopback addresses: a server that was told it listens on one of them, and which is its choice. */
const lookupLoopback: LookupFunction = (_hostname, options, callback) => {
  const addresses = [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ];
  if (options.all) callback(null, addresses);
  else callback(null, '127.0.0.1', 4);
};
