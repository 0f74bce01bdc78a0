import { type IncomingHttpHeaders, type IncomingMessage, validateHeaderValue } from 'node:http';

/**
 * What is meant for one connection and not passed on (RFC 9110, 7.6.1), beside what `Connection` names. The fields of
 * proxy authentication are for the next proxy (11.7), and this is one; `Trailer` of requests is dropped with trailers.
 */
const HOP_BY_HOP = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** What this end says by itself, or has done already: Node.js answers `Expect: 100-continue`. */
const NOT_FROM_THE_CLIENT = new Set(['expect', 'host', 'trailer']);

/** A name and a value each, flat, in their order and spelling: as `rawHeaders`. */
export type HeaderList = string[];

/** The fields of a request that are meant for the sidecar. */
export function endToEndRequestHeaders({ rawHeaders, headers }: IncomingMessage): HeaderList {
  const dropped = new Set([...HOP_BY_HOP, ...NOT_FROM_THE_CLIENT, ...namedIn(headers.connection)]);
  const kept: HeaderList = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    if (!dropped.has(name.toLowerCase())) kept.push(name, value);
  }
  // The one thing in TE that is not about this connection: whether trailers are welcome (RFC 9110, 10.1.4).
  if (tokensOf(headers['te']).some((token) => /^trailers\b/.test(token))) kept.push('te', 'trailers');
  return kept;
}

/** All but some fields; names in lower case. */
export function withoutHeaders(list: Readonly<HeaderList>, names: ReadonlySet<string>): HeaderList {
  return list.filter((_, at) => !names.has((list[at - (at % 2)] ?? '').toLowerCase()));
}

/**
 * The fields of an answer that are meant for the client.
 *
 * @throws {TypeError} when a value can't be sent
 */
export function endToEndResponseHeaders(
  headers: IncomingHttpHeaders,
): [name: string, value: string | string[]][] {
  const dropped = new Set([...HOP_BY_HOP, ...namedIn(headers.connection)]);
  return Object.entries(headers).flatMap(([name, value]) => {
    if (value === undefined || dropped.has(name)) return [];
    for (const each of [value].flat()) validateHeaderValue(name, each);
    return [[name, value]];
  });
}

function namedIn(connection: string | string[] | undefined): string[] {
  return tokensOf([connection ?? []].flat().join(','));
}

function tokensOf(list: string | string[] | undefined): string[] {
  return [list ?? []]
    .flat()
    .join(',')
    .split(',')
    .map((token) => token.trim().toLowerCase());
}
