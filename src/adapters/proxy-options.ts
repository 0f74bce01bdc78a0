import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import type { Sidecar } from '../sidecar.js';
import type { ForwardedMode } from './forwarded.js';

/** How a proxy sends requests on. */
export interface SidecarProxyOptions {
  /**
   * The path that it is mounted at, for example `/api`: it takes what is below, strips it, and leaves everything else
   * alone. By default it takes whatever it is given, as Express (`app.use('/api', …)`) has stripped it; upgrades do
   * not pass through Express, so to take those below a path it must be told.
   */
  readonly path?: string | undefined;
  /** What the sidecar is asked for instead: path and query, from "/" on. By default what is left after the mount path. */
  readonly rewrite?: ((path: string, request: IncomingMessage) => string) | undefined;
  /**
   * How long nothing may move (no piece of the request's body, waiting for the sidecar included) before the answer
   * begins, in milliseconds; then 504. Default 60,000.
   */
  readonly timeout?: number | undefined;
  /**
   * How long nothing may move once the answer has begun, in milliseconds; then the connection is broken off. Event
   * streams that are silent for longer need more, or `null` for no bound. Default 300,000. Not for WebSockets.
   */
  readonly stallTimeout?: number | null | undefined;
  /** How many WebSockets may be open or on their way at once; further ones are answered 503. Default 1000. */
  readonly maxUpgrades?: number | undefined;
  /** What the sidecar is told of where a request came from. Default `replace`. */
  readonly forwarded?: ForwardedMode | undefined;
  /** Send the client's `Host`; by default the sidecar's own, and the client's in `X-Forwarded-Host`. */
  readonly preserveHost?: boolean | undefined;
  /**
   * The body of a request that a body parser has read already, as it is to be sent. By default such a request is
   * answered 500: mount the proxy before body parsers, and bodies pass byte by byte.
   */
  readonly parsedBody?: ((request: IncomingMessage) => string | Uint8Array) | undefined;
  /** Whether answers made here say what the sidecar is doing and why. Default true. */
  readonly explain?: boolean | undefined;
  /** Told of each request that the sidecar did not answer to the end, for your log; not when the client gave it up. */
  readonly onError?: ((error: Error, request: IncomingMessage) => void) | undefined;
}

/** With all defaults. */
export interface ProxySettings {
  readonly path: string | null;
  readonly rewrite: (path: string, request: IncomingMessage) => string;
  readonly timeout: number;
  readonly stallTimeout: number | null;
  readonly maxUpgrades: number;
  readonly forwarded: ForwardedMode;
  readonly preserveHost: boolean;
  readonly parsedBody: ((request: IncomingMessage) => string | Uint8Array) | null;
  readonly explain: boolean;
  readonly onError: (error: Error, request: IncomingMessage) => void;
}

/** Node.js' longest timer. */
const milliseconds = z.int().positive().max(2_147_483_647);

function functionOf<Fn>() {
  return z.custom<Fn>((value) => typeof value === 'function', { error: 'must be a function' });
}

const settings = z.strictObject({
  path: z.string().startsWith('/').optional(),
  rewrite: functionOf<ProxySettings['rewrite']>().optional(),
  timeout: milliseconds.default(60_000),
  stallTimeout: milliseconds.nullable().default(300_000),
  maxUpgrades: z.int().nonnegative().default(1000),
  forwarded: z.enum(['replace', 'append', 'keep']).default('replace'),
  preserveHost: z.boolean().default(false),
  parsedBody: functionOf<NonNullable<ProxySettings['parsedBody']>>().optional(),
  explain: z.boolean().default(true),
  onError: functionOf<ProxySettings['onError']>().optional(),
});

/** @throws {TypeError} that lists everything that is wrong. */
export function proxySettings(options: SidecarProxyOptions): ProxySettings {
  const { data, error } = settings.safeParse(options);
  if (data === undefined) throw new TypeError(`sidecarProxy: wrong options\n${z.prettifyError(error)}`);
  const { path = null, rewrite = (asked) => asked, parsedBody = null, onError = () => {} } = data;
  return { ...data, path, rewrite, parsedBody, onError };
}

/** @throws {TypeError} when there is nothing that a request could be sent to. */
export function requireRequests({ config }: Sidecar, what: string): void {
  if (config.transport !== 'direct') return;
  throw new TypeError(
    `${what}: the sidecar "${config.name}" is a shared library, which takes calls and no requests (transport "direct")`,
  );
}
