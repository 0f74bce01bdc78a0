import type { IncomingMessage } from 'node:http';
import { isOwnHost } from '../web/own-host.js';
import { isToken } from '../web/token.js';

/** Why somebody is not let in. */
export interface Refusal {
  readonly status: 401 | 403 | 404;
  readonly detail: string;
}

/** Where the page, and its socket, are. */
export const PAGE_PATH = '/inspect/';
const SOCKET_PATH = '/inspect/socket';

/** Pages of the extension of a browser, which its user has installed. */
const EXTENSIONS = new Set(['chrome-extension:', 'moz-extension:']);

/** What a request is for. What is no address at all is for nothing here. */
export function addressOf({ url = '' }: IncomingMessage): URL {
  const base = 'http://localhost';
  return URL.canParse(url, base) ? new URL(url, base) : new URL(base);
}

/** @param host that is listened on */
export function refusalOfHost({ headers }: IncomingMessage, host: string): Refusal | null {
  return isOwnHost(headers.host, host)
    ? null
    : { status: 403, detail: 'the Host must be an address, localhost, or the host that is listened on' };
}

/** Of a request for the socket, before anything is said to it. */
export function refusalOfViewer(
  request: IncomingMessage,
  { host, token }: { readonly host: string; readonly token: string },
): Refusal | null {
  const refusal = refusalOfHost(request, host);
  if (refusal !== null) return refusal;
  const { pathname, searchParams } = addressOf(request);
  if (pathname !== SOCKET_PATH) return { status: 404, detail: `the socket is at ${SOCKET_PATH}` };
  const { origin, host: own } = request.headers;
  if (!isOwnOrigin(origin, own)) return { status: 403, detail: 'pages of other sites may not use this' };
  if (isToken(searchParams.get('token') ?? '', token)) return null;
  return { status: 401, detail: 'it takes the token of the inspector: ?token=…' };
}

/** Browsers send an origin, other programs none. */
function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  const { protocol, host: originHost } = new URL(origin);
  return EXTENSIONS.has(protocol) || (protocol === 'http:' && originHost === host);
}
