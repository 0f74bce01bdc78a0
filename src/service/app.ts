import type { RequestListener, Server } from 'node:http';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import * as z from 'zod';
import { SidecarConfigError, SidecarError } from '../index.js';
import { refusalOf, type TcpAccess } from './access.js';
import { ConfigReadError } from './config-read-error.js';
import { Problem, type ProblemAnswer } from './problem.js';
import type { Route } from './route.js';

/** No body here is long, in bytes. */
const BODY_LIMIT = 64 * 1024;
/** In bytes; Node.js reads no more of all fields together. */
const LONGEST_URL = 16 * 1024;

export interface AppOptions {
  /** Null for the socket. */
  readonly access: TcpAccess | null;
  readonly openApi: object;
  /** Makes a server that answers so. */
  readonly serve: (answer: RequestListener) => Server;
  /** What no request should have brought about. */
  readonly onFault: (error: unknown) => void;
}

/** The routes behind a server that listens nowhere yet, or has begun to. */
export function createApp(
  routes: readonly Route[],
  { access, openApi, serve, onFault }: AppOptions,
): FastifyInstance {
  const app = Fastify({
    bodyLimit: BODY_LIMIT,
    serverFactory: serve,
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    // What is too long is told by the schema, as in a query.
    routerOptions: { maxParamLength: LONGEST_URL },
    frameworkErrors: (error, _request, reply) => {
      const { status, detail } = describe(error);
      return sendProblem(reply, status, detail);
    },
  });
  app.addHook('onRequest', async ({ headers }, reply) => {
    const refusal = refusalOf(headers, access);
    if (refusal === null) return undefined;
    if (refusal.status === 401) void reply.header('www-authenticate', 'Bearer');
    return sendProblem(reply, refusal.status, refusal.detail);
  });
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(reply, 404, 'there is no such route; see /openapi.json'),
  );
  app.setErrorHandler<FastifyError>((error, _request, reply) => {
    const { status, detail } = describe(error);
    if (status === 500) onFault(error);
    // The rest of a body that is too long is not waited for.
    if (status === 413) void reply.header('connection', 'close');
    return sendProblem(reply, status, detail);
  });

  app.get('/openapi.json', () => openApi);
  for (const { method, path, handle } of routes) {
    app.route({
      method,
      url: urlOf(path),
      handler: ({ params, query, body }, reply) => handle({ params, query, body, reply }),
    });
  }
  refuseOtherMethods(app, ['/openapi.json', ...routes.map(({ path }) => urlOf(path))]);
  return app;
}

/** OpenAPI writes `{name}` where Fastify has `:name`. */
function urlOf(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

/** With what there is instead, as RFC 9110 has it: a 404 would say that there is no such thing. */
function refuseOtherMethods(app: FastifyInstance, urls: readonly string[]): void {
  for (const url of new Set(urls)) {
    const isThere = (method: string) => app.hasRoute({ method, url });
    const allowed = app.supportedMethods.filter(isThere).join(', ');
    app.route({
      method: app.supportedMethods.filter((method) => !isThere(method)),
      url,
      // Before a body is read.
      onRequest: async ({ method }, reply) => {
        void reply.header('allow', allowed);
        return sendProblem(reply, 405, `it takes ${allowed}, not ${method}`);
      },
      handler: () => {},
    });
  }
}

function describe(error: FastifyError): { readonly status: number; readonly detail: string } {
  if (error instanceof Problem) return { status: error.status, detail: error.message };
  if (error instanceof z.ZodError) return { status: 400, detail: z.prettifyError(error) };
  // It could not be done as things are.
  if (isRefusal(error)) return { status: 409, detail: error.message };
  const { statusCode = 500 } = error;
  return statusCode < 500
    ? { status: statusCode, detail: error.message }
    : { status: 500, detail: 'the service has a fault; it printed which' };
}

function isRefusal(error: Error): boolean {
  return (
    error instanceof SidecarError || error instanceof SidecarConfigError || error instanceof ConfigReadError
  );
}

const titles: Readonly<Record<number, string>> = {
  400: 'Wrong request',
  401: 'Not allowed',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Wrong method',
  409: 'Could not be done',
  413: 'Too long',
  500: 'Fault',
  501: 'Not available',
  503: 'Too many',
};

function sendProblem(reply: FastifyReply, status: number, detail: string): FastifyReply {
  const answer: ProblemAnswer = {
    type: 'about:blank',
    title: titles[status] ?? 'Wrong request',
    status,
    detail,
  };
  return reply.status(status).type('application/problem+json').send(answer);
}
