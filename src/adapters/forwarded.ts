import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type HeaderList, withoutHeaders } from './end-to-end-headers.js';

/**
 * What the sidecar is told of where a request came from:
 * - `replace`: this connection, and nothing that the client claims;
 * - `append`: this connection after what came in, which a trusted proxy in front of this server has set;
 * - `keep`: only what came in.
 */
export type ForwardedMode = 'replace' | 'append' | 'keep';

const FIELDS = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-prefix',
  'x-forwarded-proto',
]);

/** Adds `Forwarded` (RFC 7239), `X-Forwarded-*` and `Via` (RFC 9110, 7.6.3) to the fields of a request. */
export function withForwarded(
  list: HeaderList,
  request: IncomingMessage,
  mount: string,
  mode: ForwardedMode,
): HeaderList {
  const via = ['via', `${request.httpVersion} sidecar-machine`];
  if (mode === 'keep') return [...list, ...via];
  const came = mode === 'append' ? request.headers : {};
  const hop = hopOf(request);
  const chain = (name: string, value: string | null) => {
    const before = [came[name] ?? []].flat();
    const all = value === null ? before : [...before, value];
    return all.length === 0 ? [] : [name, all.join(', ')];
  };
  // Only the first proxy knows what the client asked for.
  const first = (name: string, value: string | null) => chain(name, came[name] === undefined ? value : null);
  return [
    ...withoutHeaders(list, FIELDS),
    ...chain('forwarded', forwardedElement(hop)),
    ...chain('x-forwarded-for', hop.address),
    ...first('x-forwarded-host', hop.host),
    ...first('x-forwarded-proto', hop.protocol),
    ...chain('x-forwarded-prefix', mount === '' ? null : mount),
    ...via,
  ];
}

interface Hop {
  /** null when the client came over a Unix socket. */
  readonly address: string | null;
  readonly host: string | null;
  readonly protocol: 'http' | 'https';
}

function hopOf({ socket, headers }: IncomingMessage): Hop {
  return {
    // A server that listens on IPv6 sees IPv4 addresses mapped.
    address: socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/, '') ?? null,
    host: headers.host ?? null,
    protocol: socket instanceof TLSSocket ? 'https' : 'http',
  };
}

function forwardedElement({ address, host, protocol }: Hop): string {
  const node = address === null ? 'unknown' : isIPv6(address) ? `"[${address}]"` : address;
  const named = host === null ? '' : `;host="${host.replace(/["\\]/g, '\\$&')}"`;
  return `for=${node}${named};proto=${protocol}`;
}
