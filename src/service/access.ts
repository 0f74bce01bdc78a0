import type { IncomingHttpHeaders } from 'node:http';
import { isOwnHost } from '../web/own-host.js';
import { isToken } from '../web/token.js';

/** Why a request is not answered. */
export interface Refusal {
  readonly status: 401 | 403;
  readonly detail: string;
}

/** Who may ask over TCP. Over the socket it is decided by the permissions of its folder. */
export interface TcpAccess {
  readonly token: string;
  /** As it was asked for. */
  readonly host: string;
}

/** @param access null for the socket */
export function refusalOf(headers: IncomingHttpHeaders, access: TcpAccess | null): Refusal | null {
  // A web page sends it with whatever it could do harm with, and no page is served here.
  if (headers.origin !== undefined) return { status: 403, detail: 'no web page may use this' };
  if (access === null) return null;
  if (!isOwnHost(headers.host, access.host)) {
    return { status: 403, detail: 'the Host must be an address, localhost, or the host that is listened on' };
  }
  const bearer = bearerOf(headers.authorization);
  if (bearer === null || !isToken(bearer, access.token)) {
    return { status: 401, detail: 'it takes the token of the service: Authorization: Bearer …' };
  }
  return null;
}

function bearerOf(authorization: string | undefined): string | null {
  return /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1] ?? null;
}
