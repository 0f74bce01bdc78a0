import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

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
  if (bearer === null || !isEqual(bearer, access.token)) {
    return { status: 401, detail: 'it takes the token of the service: Authorization: Bearer …' };
  }
  return null;
}

/** A name that somebody else's DNS leads here may be that of a web page (DNS rebinding). */
function isOwnHost(header: string | undefined, listened: string): boolean {
  if (header === undefined || !URL.canParse(`http://${header}`)) return false;
  const { hostname } = new URL(`http://${header}`);
  const bare = hostname.replace(/^\[|\]$/g, '');
  return isIP(bare) !== 0 || bare === 'localhost' || bare === listened.toLowerCase();
}

function bearerOf(authorization: string | undefined): string | null {
  return /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1] ?? null;
}

/** In a time that does not tell how much of it was right. */
function isEqual(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
