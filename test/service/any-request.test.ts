import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isRecord } from '../../src/config/is-record.js';
import { createSidecar } from '../../src/index.js';
import { serverConfig } from '../support/server-config.js';
import { ask, serve, told } from './served.js';

/** What an OpenAPI document says of one operation, as far as a request is made of it. */
interface Operation {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly parameters: readonly string[];
  readonly takesBody: boolean;
}

it('whatever is asked of the routes in the OpenAPI document, it is answered, and nothing has a fault', async () => {
  const sidecar = createSidecar({ ...serverConfig(), name: 'api', stateDirectory: null });
  const served = await serve(sidecar);
  await sidecar.start();
  const operations = operationsIn(await told(served, '/openapi.json'));
  expect(operations.filter(({ takesBody }) => takesBody)).toHaveLength(4);

  const anyName = fc.oneof(
    fc.constant('api'),
    fc.string(),
    fc.constantFrom('..', '__proto__', 'api/why', ''),
  );
  const anyBody = fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    fc.jsonValue(),
    fc.record({
      type: fc.oneof(
        fc.constantFrom('START', 'STOP', 'RESTART', 'RELOAD', 'after', 'health.requested'),
        fc.string(),
      ),
      delay: fc.oneof(fc.constantFrom('backoff', 'stopTimeout'), fc.jsonValue()),
    }),
    fc.constant({ type: 'RESTART' }),
  );
  const anyRequest = fc.record({
    operation: fc.constantFrom(...operations),
    name: anyName,
    query: fc.dictionary(fc.oneof(fc.constantFrom('lines', 'type', 'sidecar'), fc.string()), fc.string(), {
      maxKeys: 2,
    }),
    body: anyBody,
  });
  await fc.assert(
    fc.asyncProperty(anyRequest, async ({ operation: { method, path, parameters }, name, query, body }) => {
      const search = new URLSearchParams(
        parameters.includes('query') || Object.keys(query).length > 1 ? query : {},
      );
      const asked = `${path.replace('{name}', encodeURIComponent(name))}?${search}`;
      const { status, type } = await ask(served, method, asked, method === 'GET' ? undefined : body);
      expect([200, 202, 400, 404, 409, 413, 415, 503]).toContain(status);
      if (status >= 400 && status !== 503) expect(type).toBe('application/problem+json');
    }),
    { numRuns: 300 },
  );
  expect(served.faults).toEqual([]);
  await sidecar.start();
  expect(await told(served, '/livez')).toEqual({ done: true });
});

function operationsIn(document: unknown): readonly Operation[] {
  const paths = isRecord(document) && isRecord(document['paths']) ? document['paths'] : {};
  return Object.entries(paths).flatMap(([path, methods]) => {
    // A stream has no end, and the service should not.
    if (path === '/events' || path === '/stop' || !isRecord(methods)) return [];
    return Object.entries(methods).map(([method, operation]): Operation => {
      const { parameters, requestBody } = isRecord(operation) ? operation : {};
      const places = Array.isArray(parameters) ? parameters.map((each) => String(each['in'])) : [];
      return {
        method: method === 'get' ? 'GET' : 'POST',
        path,
        parameters: places,
        takesBody: requestBody !== undefined,
      };
    });
  });
}
