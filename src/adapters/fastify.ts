import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import type { Sidecar } from '../sidecar.js';
import { healthAnswer, type SidecarHealthOptions } from './health-answer.js';
import { type PlainAnswer, sendAnswer } from './plain-answer.js';
import { requireRequests, type SidecarProxyOptions } from './proxy-options.js';
import { passGate, type SidecarGateOptions } from './readiness-gate.js';
import { ReverseProxy, upgradeListeners } from './reverse-proxy.js';

export type { ForwardedMode } from './forwarded.js';
export type { SidecarGateOptions, SidecarHealthOptions };

/** How `sidecarProxy` passes requests on, from the prefix that the plugin is registered with. */
export interface SidecarProxyPluginOptions extends Omit<SidecarProxyOptions, 'path'> {
  readonly sidecar: Sidecar;
  /**
   * Pass WebSockets on as well. Default true. Not beside `@fastify/websocket`, which answers every upgrade of the
   * server itself.
   */
  readonly websocket?: boolean | undefined;
}

/**
 * A route handler that answers 200 or 503 with how the sidecar is: `app.get('/ready', sidecarHealth(sidecar))`. The
 * JSON has `name`, `state`, `reason`, `healthy`, `ready`, `statusText`, `checks` and `readinessChecks`.
 */
export function sidecarHealth(
  sidecar: Sidecar,
  options: SidecarHealthOptions = {},
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> {
  return async (_request, reply) => send(reply, await healthAnswer(sidecar, options));
}

/**
 * A hook that lets requests pass once the sidecar is ready, and otherwise answers 503 with `Retry-After` and a problem
 * (RFC 9457): `app.addHook('onRequest', sidecarGate(sidecar))`, or `onRequest` of a route. A sidecar that sleeps until
 * it is needed is started.
 *
 * @throws {TypeError} when the sidecar is a shared library: what calls it is told at once.
 */
export function sidecarGate(
  sidecar: Sidecar,
  options: SidecarGateOptions = {},
): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  requireRequests(sidecar, 'sidecarGate');
  return async (_request, reply) => {
    const verdict = await passGate(sidecar, options, reply.raw);
    if (verdict.type === 'refused') await send(reply, verdict.answer);
    // There is nobody to answer, and what comes after the hook need not run.
    if (verdict.type === 'gone') reply.hijack();
  };
}

/**
 * A plugin that passes everything below its prefix on to the sidecar, WebSockets included:
 * `app.register(sidecarProxy, { prefix: '/api', sidecar })`. Bodies are not parsed but streamed, whatever their size;
 * answers are written past Fastify (`reply.hijack()`) with the header fields that hooks have set on the reply, so
 * `onSend` hooks do not see them. Statuses and errors are those of the Express adapter's `sidecarProxy`.
 *
 * @throws {TypeError} that lists every wrong option, or when the sidecar is a shared library.
 */
export const sidecarProxy: FastifyPluginCallback<SidecarProxyPluginOptions> = (app, options, done) => {
  const proxy = new ReverseProxy(options.sidecar, {
    onError: (err, { url }) => app.log.error({ err, url }, 'a request was not answered by the sidecar'),
    ...proxyOptions(options),
    path: plainPrefix(app.prefix),
  });
  // The body stays in the request, from where it is streamed.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null));
  const pass = ({ raw: request }: FastifyRequest, reply: FastifyReply) => {
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) reply.raw.setHeader(name, value);
    }
    reply.hijack();
    if (!proxy.handle(request, reply.raw)) sendAnswer(reply.raw, proxy.notFound());
  };
  app.all('/', pass);
  app.all('/*', pass);
  if (options.websocket ?? true) passUpgrades(app, proxy);
  app.addHook('preClose', (closed) => {
    proxy.close();
    closed();
  });
  done();
};

function passUpgrades(app: FastifyInstance, proxy: ReverseProxy): void {
  const pass = (request: IncomingMessage, socket: Duplex, head: Buffer) =>
    proxy.upgrade(request, socket, head, upgradeListeners(app.server));
  app.server.on('upgrade', pass);
  app.addHook('onClose', (_app, closed) => {
    app.server.off('upgrade', pass);
    closed();
  });
}

/** Without what Fastify itself is told by the options of `register`. */
function proxyOptions({ sidecar, websocket, ...others }: SidecarProxyPluginOptions): SidecarProxyOptions {
  const { prefix, logLevel, logSerializers, ...own }: SidecarProxyOptions & RegisterOptions = others;
  return own;
}

type RegisterOptions = Partial<Record<'prefix' | 'logLevel' | 'logSerializers', unknown>>;

function plainPrefix(prefix: string): string {
  if (!/[:*(]/.test(prefix)) return prefix === '' ? '/' : prefix;
  throw new TypeError(`sidecarProxy: the prefix "${prefix}" has parameters, and must be a plain path`);
}

function send(reply: FastifyReply, { status, headers, body }: PlainAnswer): FastifyReply {
  // Bytes, as Fastify would add a charset, which `application/problem+json` does not have.
  return reply.code(status).headers(headers).send(Buffer.from(body));
}
