import type { IncomingMessage } from 'node:http';

/** Where a request goes: what of its path is the proxy's own, and what the sidecar is asked for. */
export interface MountedPath {
  /** The path that the proxy is mounted at, as `X-Forwarded-Prefix` tells it; empty at the root. */
  readonly mount: string;
  /** Path and query, from "/" on. */
  readonly path: string;
}

/**
 * What a request asks for below the mount path; null when it is not below it.
 *
 * @param mount a path that the proxy strips itself; null when whoever calls it has done so, as `app.use(path, …)` does
 */
export function mountedPath(request: IncomingMessage, mount: string | null): MountedPath | null {
  const url = originForm(request.url ?? '/');
  const whole = wholeUrl(request, url);
  if (mount === null) return { mount: whole.endsWith(url) ? whole.slice(0, -url.length) : '', path: url };
  const prefix = mount.replace(/\/+$/, '');
  if (!whole.startsWith(prefix)) return null;
  const rest = whole.slice(prefix.length);
  if (rest === '' || rest.startsWith('?')) return { mount: prefix, path: `/${rest}` };
  return rest.startsWith('/') ? { mount: prefix, path: rest } : null;
}

/** Path and query before anything was stripped: Express tells what it strips, Connect what it was. */
function wholeUrl(request: IncomingMessage, url: string): string {
  if ('baseUrl' in request && typeof request.baseUrl === 'string') return `${request.baseUrl}${url}`;
  if ('originalUrl' in request && typeof request.originalUrl === 'string')
    return originForm(request.originalUrl);
  return url;
}

/** A client may ask a proxy with the whole URL (RFC 9112, 3.2.2); the sidecar is asked with the path alone. */
function originForm(target: string): string {
  if (target.startsWith('/') || !URL.canParse(target)) return target;
  const { pathname, search } = new URL(target);
  return `${pathname}${search}`;
}
