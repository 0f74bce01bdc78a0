import * as z from 'zod';
import { isRecord } from '../config/is-record.js';
import type { Answer, Route } from './route.js';
import { noBody, nothing, problemAnswer } from './schemas.js';

const problem: Answer = {
  description: 'What is wrong, and why',
  schema: problemAnswer,
  mediaType: 'application/problem+json',
};

export interface OpenApiOptions {
  /** Of the package. */
  readonly version: string;
  /** Whether it takes the token, as over TCP. */
  readonly takesToken: boolean;
}

/** The routes as an OpenAPI document, made of the very schemas that they validate with. */
export function openApiOf(routes: readonly Route[], { version, takesToken }: OpenApiOptions): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const each of routes) {
    paths[each.path] = { ...paths[each.path], [each.method.toLowerCase()]: operationOf(each) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Control of sidecar-machine',
      version,
      description: 'Asks and steers the sidecars of a running `sidecar run`.',
    },
    security: takesToken ? [{ token: [] }] : [],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'Over TCP. The Unix socket takes none.' },
      },
    },
  };
}

function operationOf({ operation, summary, params, query, body, answers }: Route): object {
  const all: [string, Answer][] = [...Object.entries(answers), ['default', problem]];
  return {
    operationId: operation,
    summary,
    parameters: [...parametersOf(params, 'path'), ...parametersOf(query, 'query')],
    ...(body === noBody
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemaOf(body, 'input') } },
          },
        }),
    responses: Object.fromEntries(all.map(([status, answer]) => [status, responseOf(answer)])),
  };
}

function responseOf({ description, schema, mediaType = 'application/json' }: Answer): object {
  return {
    description,
    content: { [mediaType]: { schema: schema === null ? { type: 'string' } : schemaOf(schema, 'output') } },
  };
}

function parametersOf(schema: z.ZodType, place: 'path' | 'query'): readonly object[] {
  if (schema === nothing) return [];
  const { properties, required } = z.toJSONSchema(schema, { io: 'input' });
  return Object.entries(properties ?? {}).map(([name, property]) => {
    const { description, ...rest } = isRecord(property) ? property : {};
    return { name, in: place, description, required: required?.includes(name) === true, schema: rest };
  });
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io });
  return json;
}
