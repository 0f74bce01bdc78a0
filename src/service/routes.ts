import type { EventFeed } from './event-feed.js';
import type { FleetHistory } from './fleet-history.js';
import { fleetRoutes } from './fleet-routes.js';
import { MetricsText } from './metrics-text.js';
import { Problem } from './problem.js';
import type { RecentLines } from './recent-lines.js';
import { type Route, route, takesNothing } from './route.js';
import { applyBody, changesAnswer, doneAnswer, eventsQuery, readyAnswer, serviceStatus } from './schemas.js';
import type { Service } from './service.js';
import { sidecarRoutes } from './sidecar-routes.js';

/** Most that may listen to events at once. */
const MOST_SUBSCRIBERS = 500;

/** What remembers, and passes on. */
export interface RouteSources {
  readonly feed: EventFeed;
  readonly lines: RecentLines;
  readonly history: FleetHistory;
}

/** All that the control of a service can be asked, but for its own description. */
export function routesOf(service: Service, { feed, lines, history }: RouteSources): readonly Route[] {
  const metrics = new MetricsText(service);
  const json = (description: string, schema: NonNullable<Route['answers'][number]['schema']>) => ({
    description,
    schema,
  });
  return [
    route(
      {
        method: 'GET',
        path: '/status',
        operation: 'status',
        summary: 'What the service and each of its sidecars is doing',
        answers: { 200: json('The status', serviceStatus) },
      },
      { ...takesNothing, handle: () => service.status() },
    ),
    ...sidecarRoutes(service, lines),
    ...fleetRoutes(service, history),
    route(
      {
        method: 'POST',
        path: '/stop',
        operation: 'stopService',
        summary: 'Stops all in order, and then the service ends; answers once nothing is left',
        answers: { 200: json('Nothing is left', doneAnswer) },
      },
      {
        ...takesNothing,
        handle: async () => {
          await service.stop();
          return { done: true };
        },
      },
    ),
    route(
      {
        method: 'POST',
        path: '/apply',
        operation: 'apply',
        summary: 'Reads the configuration file again, and changes to what it says; answers once that is done',
        answers: { 200: json('What was changed, or would be', changesAnswer) },
      },
      { ...takesNothing, body: applyBody, handle: ({ body }) => service.apply(body) },
    ),
    route(
      {
        method: 'GET',
        path: '/events',
        operation: 'events',
        summary:
          'What happens from now on, as server-sent events; what is not read in time is dropped and counted',
        answers: {
          200: { description: 'A stream', schema: null, mediaType: 'text/event-stream' },
        },
      },
      {
        ...takesNothing,
        query: eventsQuery,
        handle: ({ query, reply }) => {
          if (feed.size >= MOST_SUBSCRIBERS) throw new Problem(503, `${MOST_SUBSCRIBERS} listen already`);
          reply.hijack();
          reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
          feed.add(reply.raw, { sidecars: setOf(query.sidecar), types: setOf(query.type) });
          return reply;
        },
      },
    ),
    route(
      {
        method: 'GET',
        path: '/livez',
        operation: 'livez',
        summary: 'That the service lives',
        answers: { 200: json('It does', doneAnswer) },
      },
      { ...takesNothing, handle: () => ({ done: true }) },
    ),
    route(
      {
        method: 'GET',
        path: '/readyz',
        operation: 'readyz',
        summary: 'Whether requests to all sidecars would be sent at once',
        answers: { 200: json('All are ready', readyAnswer), 503: json('Some are not', readyAnswer) },
      },
      {
        ...takesNothing,
        handle: ({ reply }) => {
          const notReady = service.members.filter(({ sidecar }) => !sidecar.isReady).map(({ name }) => name);
          void reply.status(notReady.length === 0 ? 200 : 503);
          return { ready: notReady.length === 0, notReady };
        },
      },
    ),
    route(
      {
        method: 'GET',
        path: '/metrics',
        operation: 'metrics',
        summary: 'Metrics for Prometheus; takes the package prom-client',
        answers: { 200: { description: 'Its text format', schema: null, mediaType: 'text/plain' } },
      },
      {
        ...takesNothing,
        handle: async ({ reply }) => {
          const { contentType, text } = await metrics.read();
          void reply.type(contentType);
          return text;
        },
      },
    ),
  ];
}

function setOf(values: string | readonly string[] | undefined): ReadonlySet<string> {
  if (values === undefined) return new Set();
  return new Set(typeof values === 'string' ? [values] : values);
}
