import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Sidecar } from '../sidecar.js';
import { healthAnswer, type SidecarHealthOptions } from './health-answer.js';
import { sendAnswer } from './plain-answer.js';
import { requireRequests, type SidecarProxyOptions } from './proxy-options.js';
import { passGate, type SidecarGateOptions } from './readiness-gate.js';
import { ReverseProxy, upgradeListeners } from './reverse-proxy.js';

export type { ForwardedMode } from './forwarded.js';
export type { SidecarGateOptions, SidecarHealthOptions, SidecarProxyOptions };

/** Handles a request or hands it to `next`: for Express, Connect, and, without `next`, plain `node:http`. */
export type SidecarHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void;

/**
 * Answers 200 or 503 with how the sidecar is, as JSON: `name`, `state`, `reason`, `healthy`, `ready`, `statusText`,
 * `checks` and `readinessChecks`, as `Sidecar.health()` has them. Not to be cached.
 */
export function sidecarHealth(sidecar: Sidecar, options: SidecarHealthOptions = {}): SidecarHandler {
  return (_request, response) => {
    void healthAnswer(sidecar, options).then((answer) => sendAnswer(response, answer));
  };
}

/**
 * Lets requests pass once the sidecar is ready; otherwise answers 503 with `Retry-After` and a problem (RFC 9457) that
 * says what the sidecar is doing and why. A sidecar that sleeps until it is needed is started.
 *
 * @throws {TypeError} when the sidecar is a shared library: what calls it is told at once.
 */
export function sidecarGate(
  sidecar: Sidecar,
  options: SidecarGateOptions = {},
): (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void {
  requireRequests(sidecar, 'sidecarGate');
  return (_request, response, next) => {
    void passGate(sidecar, options, response).then((verdict) => {
      if (verdict.type === 'passed') next();
      else if (verdict.type === 'refused') sendAnswer(response, verdict.answer);
    });
  };
}

/** Passes requests on; see `sidecarProxy`. */
export interface SidecarProxy extends SidecarHandler {
  /** For `server.on('upgrade', proxy.upgrade)`: passes WebSockets on. Those of other paths are left alone. */
  readonly upgrade: (this: unknown, request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Breaks all WebSockets off, without which `server.close()` waits for them. */
  close(): void;
}

/**
 * Passes requests on to the sidecar, bodies streamed both ways: `app.use('/api', sidecarProxy(sidecar))`. They wait
 * and fail as with `Sidecar.request()`: 503 with `Retry-After` when nothing can serve them now, 502 when the sidecar
 * died or broke the connection, 504 when it did not answer in time. What breaks after the answer has begun breaks the
 * client's connection off.
 *
 * @throws {TypeError} that lists every wrong option, or when the sidecar is a shared library.
 */
export function sidecarProxy(sidecar: Sidecar, options: SidecarProxyOptions = {}): SidecarProxy {
  const proxy = new ReverseProxy(sidecar, options);
  const handle: SidecarHandler = (request, response, next) => {
    if (proxy.handle(request, response)) return;
    if (next === undefined) sendAnswer(response, proxy.notFound());
    else next();
  };
  return Object.assign(handle, {
    upgrade(this: unknown, request: IncomingMessage, socket: Duplex, head: Buffer): void {
      proxy.upgrade(request, socket, head, upgradeListeners(this));
    },
    close: () => proxy.close(),
  });
}
