import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  type ConfigProblem,
  createFleet,
  type FleetConfig,
  resolveFleetConfig,
  type Sidecar,
  SidecarConfigError,
} from '../../src/index.js';

const process = { command: 'server' };
const one = { http: { port: 0 }, process };

function problemsOf(config: unknown): readonly ConfigProblem[] {
  try {
    // What comes from plain JavaScript or a parsed file has no type that the compiler could check.
    Reflect.apply(resolveFleetConfig, undefined, [config]);
    return [];
  } catch (error) {
    if (error instanceof SidecarConfigError && error.problems.length > 0) return error.problems;
    throw error;
  }
}

describe('a wrong configuration of a fleet', () => {
  it.each<[path: string, config: unknown, message: RegExp]>([
    ['', undefined, /^is required: give at least one sidecar in `sidecars`$/],
    ['', [], /expected object/],
    ['sidecars', {}, /required/],
    ['sidecars', { sidecars: {} }, /at least one sidecar/],
    ['sidecars', { sidecars: [] }, /expected record/],
    ['sidecars.api', { sidecars: { api: null } }, /expected object/],
    ['sidecars.a b', { sidecars: { 'a b': one } }, /1 to 60 letters/],
    ['sidecars.api.process', { sidecars: { api: {} } }, /give at least process\.command/],
    ['stratgy', { sidecars: { api: one }, stratgy: 'one-for-all' }, /did you mean "strategy"\?$/],
    ['strategy', { sidecars: { api: one }, strategy: 'one_for_all' }, /did you mean "one-for-all"\?$/],
    ['intensity', { sidecars: { api: one }, intensity: -1 }, />=0/],
    ['period', { sidecars: { api: one }, period: 0 }, />=1/],
    [
      'sidecars.api.process.comand',
      { sidecars: { api: { ...one, process: { ...process, comand: 1 } } } },
      /did you mean "command"/,
    ],
    ['sidecars.api.dependOn', { sidecars: { api: { ...one, dependOn: {} } } }, /did you mean "dependsOn"/],
    ['sidecars.api.name', { sidecars: { api: { ...one, name: 'api' } } }, /the key "api" is the name/],
    ['sidecars.api.inspect', { sidecars: { api: { ...one, inspect: true } } }, /beside `sidecars`/],
    ['inspect.port', { sidecars: { api: one }, inspect: { port: 70_000 } }, /<=65535/],
    ['sidecars.api.lazy', { sidecars: { api: { ...one, lazy: true } } }, /starts all of its sidecars/],
    ['sidecars.api.instances', { sidecars: { api: { ...one, instances: 0 } } }, />=1/],
    [
      'sidecars.api.dependsOn.dbb',
      { sidecars: { api: { ...one, dependsOn: { dbb: 'healthy' } }, db: one } },
      /^is no sidecar of this fleet; did you mean "db"\?$/,
    ],
    [
      'sidecars.api.dependsOn.storage',
      { sidecars: { api: { ...one, dependsOn: { storage: 'healthy' } }, db: one, web: one } },
      /^is no sidecar of this fleet; known are db, web$/,
    ],
    [
      'sidecars.api.dependsOn.db',
      { sidecars: { api: { ...one, dependsOn: { db: 'helthy' } }, db: one } },
      /^must be one of "started", "healthy"; did you mean "healthy"\?$/,
    ],
    [
      'sidecars.api.dependsOn.api',
      { sidecars: { api: { ...one, dependsOn: { api: 'started' } } } },
      /closes a circle, in which none could be the first: api → api$/,
    ],
    [
      'sidecars.web.dependsOn.db',
      {
        sidecars: {
          start: { ...one, dependsOn: { db: 'started' } },
          db: { ...one, dependsOn: { api: 'started' } },
          api: { ...one, dependsOn: { web: 'healthy' } },
          web: { ...one, dependsOn: { db: 'healthy' } },
        },
      },
      /: db → api → web → db$/,
    ],
    [
      'sidecars.b.http.port',
      { sidecars: { a: { process }, b: { process } } },
      /^is that of "a" too \(port 8080\): give each its own, or 0$/,
    ],
    [
      'sidecars.b.http.port',
      { sidecars: { a: { process, instances: 3 }, b: { process, http: { port: 8082 } } } },
      /^is that of "a-3" too/,
    ],
    [
      'sidecars.b.ipc.socketPath',
      { sidecars: { a: { process, transport: 'ipc' }, b: { process, transport: 'ipc' } } },
      /^is that of "a" too/,
    ],
    [
      'sidecars.b.log.file',
      { sidecars: { a: { ...one, log: { file: 'x.log' } }, b: { ...one, log: { file: 'x.log' } } } },
      /^is that of "a" too \(x\.log\)/,
    ],
    [
      'sidecars.api-2',
      { sidecars: { api: { ...one, instances: 2 }, 'api-2': one } },
      /^has an instance "api-2", as "api" has$/,
    ],
    [
      'sidecars.api.http.port',
      { sidecars: { api: { process, http: { port: 65_534 }, instances: 3 } } },
      /the last would be 65536$/,
    ],
    [
      'sidecars.api.endpoint.path',
      { sidecars: { api: { ...one, endpoint: { from: 'file', path: 'e.json' }, instances: 2 } } },
      /one file for all/,
    ],
    [
      'sidecars.api.instances',
      { sidecars: { api: { process: { command: 'x.so' }, transport: 'direct', instances: 2 } } },
      /a shared library is loaded once$/,
    ],
  ])('%s', (path, config, message) => {
    const problems = problemsOf(config);
    const [problem] = problems.filter((each) => each.path === path);
    expect(problem?.message, JSON.stringify(problems)).toMatch(message);
  });

  it('is told as a whole, with each path', () => {
    const problems = problemsOf({
      strategy: 'all',
      sidecars: {
        api: { ...one, dependsOn: { db: 'healthy', cahce: 'healthy' }, helthCheck: {} },
        db: { http: { port: 70_000 }, process: {}, dependsOn: { api: 'started' } },
        cache: one,
      },
    });
    expect(problems.map(({ path }) => path).toSorted()).toEqual([
      'sidecars.api.dependsOn.cahce',
      'sidecars.api.helthCheck',
      'sidecars.db.dependsOn.api',
      'sidecars.db.http.port',
      'sidecars.db.process.command',
      'strategy',
    ]);
  });

  it('throws from createFleet, before anything is started', () => {
    expect(() => createFleet({ sidecars: {} })).toThrow(SidecarConfigError);
  });
});

describe('a right one', () => {
  it('has its members in the order in which they start', () => {
    const { members, ...settings } = resolveFleetConfig({
      sidecars: {
        web: { ...one, dependsOn: { api: 'started' } },
        cache: one,
        api: { ...one, dependsOn: { db: 'healthy' }, instances: 2 },
        db: one,
      },
    });
    expect(settings).toEqual({ strategy: 'one-for-one', intensity: 10, period: 60_000, watched: {} });
    expect(members.map(({ name }) => name)).toEqual(['cache', 'db', 'api-1', 'api-2', 'web']);
    expect(members.at(-1)?.dependsOn).toEqual([
      { name: 'api-1', condition: 'started' },
      { name: 'api-2', condition: 'started' },
    ]);
    expect(members.map(({ config }) => config.name)).toEqual(members.map(({ name }) => name));
  });

  it('gives each instance an address and a log of its own, and the compiler to the first', () => {
    const { members } = resolveFleetConfig({
      sidecars: {
        api: {
          http: { port: 9000 },
          ipc: { socketPath: '/tmp/api.sock' },
          log: { file: 'logs/api.log' },
          compile: { command: 'make' },
          process,
          instances: 2,
        },
      },
    });
    expect(members.map(({ config }) => [config.http.port, config.ipc.socketPath, config.log?.file])).toEqual([
      [9000, '/tmp/api-1.sock', 'logs/api-1.log'],
      [9001, '/tmp/api-2.sock', 'logs/api-2.log'],
    ]);
    expect(members.map(({ config }) => config.compile?.command)).toEqual(['make', undefined]);
    expect(members.map(({ dependsOn }) => dependsOn)).toEqual([
      [],
      [{ name: 'api-1', condition: 'compiled' }],
    ]);
  });
});

describe('the types', () => {
  it('know the names', () => {
    const fleet = createFleet({ sidecars: { db: one, api: { ...one, dependsOn: { db: 'healthy' } } } });
    expectTypeOf(fleet.get('db')).toEqualTypeOf<Sidecar>();
    expectTypeOf(fleet.sidecars).toEqualTypeOf<ReadonlyMap<'db' | 'api', readonly Sidecar[]>>();
    // @ts-expect-error: no such sidecar
    expect(() => fleet.get('dbb')).toThrow('This fleet has no instance 1 of "dbb".');
    // @ts-expect-error: no such sidecar
    expect(() => fleet.client('dbb')).toThrow('This fleet has no sidecar "dbb".');
  });

  it('refuse a dependency on nobody', () => {
    const config: FleetConfig<'db' | 'api'> = {
      // @ts-expect-error: no such sidecar
      sidecars: { db: one, api: { ...one, dependsOn: { dbb: 'healthy' } } },
    };
    expect(problemsOf(config)).toHaveLength(1);
  });
});
