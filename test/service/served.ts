import { once } from 'node:events';
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { type Fleet, Sidecar } from '../../src/index.js';
import {
  type ControlServer,
  type ControlServerOptions,
  openControl,
} from '../../src/service/control-server.js';
import { type ServicePlace, servicePlace } from '../../src/service/place.js';
import { Service, type ServiceConfig } from '../../src/service/service.js';
import { tempFolder } from '../support/temp-folder.js';
import { within } from '../support/within.js';

/** A service with its control, in this process. */
export interface Served {
  readonly service: Service;
  readonly control: ControlServer;
  readonly place: ServicePlace;
  readonly faults: unknown[];
}

export async function serve(
  supervised: Sidecar | Fleet,
  {
    listen = null,
    requestTimeout = 10_000,
  }: Partial<Pick<ControlServerOptions, 'listen' | 'requestTimeout'>> = {},
): Promise<Served> {
  const config = join(await tempFolder(), 'sidecar.config.ts');
  const service = new Service(supervised, {
    config,
    ...(supervised instanceof Sidecar && { readConfig: () => sameConfig(supervised) }),
  });
  const faults: unknown[] = [];
  const options = {
    config,
    listen,
    requestTimeout,
    version: '0.0.0',
    onFault: (error: unknown) => faults.push(error),
  };
  const control = await openControl(service, options);
  onTestFinished(async () => {
    await control.close();
    await supervised[Symbol.asyncDispose]();
  });
  return { service, control, place: servicePlace(config), faults };
}

/** As if the file had not changed. */
async function sameConfig({ config }: Sidecar): Promise<ServiceConfig> {
  return { kind: 'sidecar', config };
}

export interface Answered {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** A request, over the socket unless `options` say otherwise. */
export async function ask(
  { place }: Served,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
  options: RequestOptions = { socketPath: place.address },
): Promise<Answered> {
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  const sent = request({ path, method, agent: false, ...options, headers: { ...json, ...options.headers } });
  const answered = once(sent, 'response');
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = await within<IncomingMessage[]>(answered, () => `an answer to ${method} ${path}`);
  if (response === undefined) throw new Error('no answer');
  const type = (response.headers['content-type'] ?? '').replace(/;.*/, '');
  return { status: response.statusCode ?? 0, type, text: await text(response) };
}

/** The JSON of an answer with this status. */
export async function told(served: Served, path: string, status = 200): Promise<unknown> {
  return jsonOf(await ask(served, 'GET', path), status);
}

export function jsonOf({ status, text }: Answered, expected: number): unknown {
  if (status !== expected) throw new Error(`answered ${status} instead of ${expected}: ${text}`);
  return JSON.parse(text);
}
