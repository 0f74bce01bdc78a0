import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  type ConfigSchemaNode,
  configJsonSchema,
  fleetJsonSchema,
  parseConfigSchema,
} from '../../visualizations/config-schema.js';

const jsonSchema = configJsonSchema();
const accepts = (config: unknown) => z.fromJSONSchema(jsonSchema).safeParse(config).success;

describe('the JSON Schema of the configuration', () => {
  it('takes the shortest configuration, with and without $schema', () => {
    expect(accepts({ process: { command: './server' } })).toBe(true);
    expect(accepts({ $schema: './schema.json', process: { command: './server' } })).toBe(true);
  });

  it('refuses what is missing, unknown or out of range', () => {
    expect(accepts({})).toBe(false);
    expect(accepts({ process: { command: './server' }, proces: {} })).toBe(false);
    expect(accepts({ process: { command: './server' }, http: { port: 65_536 } })).toBe(false);
  });

  it('takes environment variables as an object only, because JSON has no functions', () => {
    expect(accepts({ process: { command: './server', env: { A: 'b' } } })).toBe(true);
    expect(accepts({ process: { command: './server', env: 'A=b' } })).toBe(false);
    expect(accepts({ process: { command: './server', env: { A: 1 } } })).toBe(false);
  });

  it.each([
    {},
    { path: '/live' },
    { type: 'http', status: [200, 503], json: { 'db.status': 'up' } },
    { type: 'tcp', port: 9000 },
    { type: 'log', pattern: 'ready', stream: 'stderr' },
    { type: 'all', checks: [{ path: '/live' }, { type: 'process' }] },
  ])('takes the check %j', (check) => {
    expect(acceptsChecks(check)).toEqual({ startup: true, liveness: true, readiness: true });
  });

  it.each([
    { type: 'htp' },
    { pth: '/live' },
    { type: 'tcp', path: '/live' },
    { type: 'tcp', port: 0 },
    { type: 'exec' },
    { type: 'log', pattern: 7 },
    { type: 'all', checks: [] },
    { type: 'all', checks: [{ type: 'any', checks: [{}] }] },
    'http',
  ])('refuses the check %j', (check) => {
    expect(acceptsChecks(check)).toEqual({ startup: false, liveness: false, readiness: false });
  });

  it('takes the pace of a check in `readiness` only', () => {
    const expected = { startup: false, liveness: false, readiness: true };
    expect(acceptsChecks({ interval: 1000 })).toEqual(expected);
    expect(acceptsChecks({ type: 'grpc', failureThreshold: 2 })).toEqual(expected);
  });

  it('tells the ways to announce an endpoint apart', () => {
    const announced = (endpoint: unknown) => accepts({ process: { command: './server' }, endpoint });
    expect(announced({ from: 'log', pattern: 'on (.+)' })).toBe(true);
    expect(announced({ from: 'file', path: 'endpoint.json' })).toBe(true);
    expect(announced({ from: 'notify' })).toBe(true);
    expect(announced({ from: 'file' })).toBe(false);
    expect(announced({ from: 'notify', path: 'endpoint.json' })).toBe(false);
    expect(announced({ from: 'socket' })).toBe(false);
    expect(announced({})).toBe(false);
  });

  it('has every other section', () => {
    const process = { command: './server' };
    const client = { retry: true, circuitBreaker: null };
    const direct = { functions: { add: 'int add(int a, int b)' }, health: 'is_well' };
    expect(accepts({ process, transport: 'direct', direct, client, lazy: true, idleTimeout: null })).toBe(
      true,
    );
    expect(accepts({ process, client: { circuitBreaker: { threshold: 0 } } })).toBe(false);
    expect(accepts({ process, direct: { functions: { 'a b': 'int a()' } } })).toBe(false);
  });

  it('knows nothing that only a program can give', () => {
    expect(accepts({ process: { command: './server' }, client: { fallback: 'busy' } })).toBe(false);
    expect(JSON.stringify(jsonSchema)).not.toMatch(/"RegExp"|"function"|"fallback"/);
    // An option without any condition would take everything.
    expect(JSON.stringify(jsonSchema)).not.toMatch(/[[,]\{\}/);
  });

  it('tells checks apart by a constant, which only `http` may lack', () => {
    const { $defs = {} } = parseConfigSchema();
    const kinds = ['http', 'ipc', 'tcp', 'exec', 'file', 'log', 'notify', 'grpc', 'process', 'direct'];
    for (const kind of [...kinds, 'all', 'any']) {
      const { properties, required = [] } = $defs[`${kind}Check`] ?? {};
      expect(properties?.['type']?.const).toBe(kind);
      expect(required.includes('type')).toBe(kind !== 'http');
    }
    const references = (names: string[]) => names.map((name) => ({ $ref: `#/$defs/${name}Check` }));
    expect($defs['check']?.oneOf).toEqual(references([...kinds, 'all', 'any']));
    expect($defs['singleCheck']?.oneOf).toEqual(references(kinds));
  });

  it('describes every key, so that the reference page has no gaps', () => {
    const isNamed = (child: ConfigSchemaNode) => child.description !== undefined || child.const !== undefined;
    const undescribed = (node: ConfigSchemaNode, path: string): string[] => [
      ...Object.entries(node.properties ?? {}).flatMap(([key, child]) => [
        ...(isNamed(child) ? [] : [`${path}.${key}`]),
        ...undescribed(child, `${path}.${key}`),
      ]),
      ...[...(node.oneOf ?? []), ...(node.anyOf ?? [])].flatMap((option) => undescribed(option, path)),
      ...Object.entries(node.$defs ?? {}).flatMap(([name, each]) => undescribed(each, name)),
    ];
    expect(undescribed(parseConfigSchema(), '')).toEqual([]);
  });
});

describe('the JSON Schema of a fleet', () => {
  const fleetSchema = z.fromJSONSchema(fleetJsonSchema());
  const takes = (config: unknown) => fleetSchema.safeParse(config).success;
  const db = { process: { command: './db' } };

  it('takes a fleet', () => {
    const api = { ...db, dependsOn: { db: 'healthy' }, instances: 4, healthCheck: { path: '/live' } };
    expect(takes({ sidecars: { db, api }, strategy: 'rest-for-one', intensity: 3, period: 5000 })).toBe(true);
  });

  it('refuses what is missing, unknown or out of range', () => {
    expect(takes({})).toBe(false);
    expect(takes(db)).toBe(false);
    expect(takes({ sidecars: { db: {} } })).toBe(false);
    expect(takes({ sidecars: { db: { ...db, name: 'db' } } })).toBe(false);
    expect(takes({ sidecars: { db: { ...db, dependsOn: { api: 'ready' } } } })).toBe(false);
    expect(takes({ sidecars: { db }, strategy: 'all' })).toBe(false);
    expect(takes({ sidecars: { db: { ...db, instances: 0 } } })).toBe(false);
  });
});

/** Whether a check is taken, by where it may stand. */
function acceptsChecks(check: unknown) {
  const takes = (place: string) =>
    accepts({ process: { command: './server' }, healthCheck: { [place]: check } });
  return { startup: takes('startup'), liveness: takes('liveness'), readiness: takes('readiness') };
}
