import type { FastifyInstance } from 'fastify';
import { type AppOptions, createApp } from './app.js';
import { openApiOf } from './open-api.js';
import { type RouteSources, routesOf } from './routes.js';
import type { Service } from './service.js';

export interface ControlAppOptions extends Omit<AppOptions, 'openApi'> {
  readonly sources: RouteSources;
  readonly version: string;
}

/** All that the control of a service answers. It is loaded when it is first asked. */
export function createControlApp(
  service: Service,
  { sources, version, ...options }: ControlAppOptions,
): FastifyInstance {
  const routes = routesOf(service, sources);
  const openApi = openApiOf(routes, { version, takesToken: options.access !== null });
  return createApp(routes, { ...options, openApi });
}
