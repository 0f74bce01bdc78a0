import { describe, expect, it } from 'vitest';
import { sidecarConfigSchema } from '../../src/config/schema.js';
import { describeIssues } from '../../src/config/schema-problems.js';
import { problemsOf } from './problems.js';

const process = { command: 'server' };
const liveness = (check: unknown) => ({ process, healthCheck: { liveness: check } });
const readiness = (check: unknown) => ({ process, healthCheck: { readiness: check } });
const allOf = (...checks: unknown[]) => liveness({ type: 'all', checks });
const announced = (endpoint: unknown) => ({ process, endpoint });

const KINDS = 'one of "http", "ipc", "tcp", "exec", "file", "log", "notify", "grpc", "process", "direct"';

describe('what is wrong with a check or an announcement', () => {
  it.each<[path: string, config: unknown, message: string]>([
    [
      'healthCheck.liveness.type',
      liveness({ type: 'htp' }),
      `must be ${KINDS}, "all", "any"; did you mean "http"?`,
    ],
    ['healthCheck.liveness.type', liveness({ type: 7 }), `must be ${KINDS}, "all", "any"`],
    ['healthCheck.liveness', liveness('http'), 'invalid input: expected object, received string'],
    ['healthCheck.readiness', readiness([]), 'invalid input: expected object, received array'],
    ['healthCheck.liveness.checks[1].type', allOf({}, { type: 'any' }), `must be ${KINDS}`],
    ['healthCheck.liveness.checks[0].type', allOf({ type: 'exe' }), `must be ${KINDS}; did you mean "exec"?`],
    ['healthCheck.liveness.checks', allOf(), 'must name at least one check'],
    [
      'healthCheck.liveness.checks',
      liveness({ type: 'any' }),
      'is required: the checks that count as one; none of them may be `all` or `any` itself',
    ],
    [
      'healthCheck.liveness.command',
      liveness({ type: 'exec' }),
      'is required: program that passes by exit code 0',
    ],
    [
      'healthCheck.liveness.checks[0].pattern',
      allOf({ type: 'log' }),
      'is required: regular expression that a line must match',
    ],
    [
      'healthCheck.liveness.pattern',
      liveness({ type: 'log', pattern: '(' }),
      'must be a regular expression or its source',
    ],
    [
      'healthCheck.liveness.pattern',
      liveness({ type: 'log', pattern: 7 }),
      'must be a regular expression or its source',
    ],
    [
      'healthCheck.liveness.status',
      liveness({ status: '200' }),
      'must be a status (100 to 599), or a list of them',
    ],
    [
      'healthCheck.liveness.status[1]',
      liveness({ status: [200, '204'] }),
      'invalid input: expected number, received string',
    ],
    [
      'healthCheck.liveness.json.db',
      liveness({ json: { db: {} } }),
      'must be a string, a number, true, false or null',
    ],
    ['healthCheck.readiness.interval', readiness({ interval: 0 }), 'too small: expected number to be >=1'],
    ['endpoint.from', announced({}), 'is required: one of "log", "file", "notify"'],
    [
      'endpoint.from',
      announced({ from: 'lag' }),
      'must be one of "log", "file", "notify"; did you mean "log"?',
    ],
    ['endpoint', announced('log'), 'invalid input: expected object, received string'],
    [
      'endpoint.path',
      announced({ from: 'file' }),
      'is required: JSON file with `url`, `socketPath`, or `port` and `host`, relative to `process.cwd`; removed before each spawn',
    ],
    [
      'endpoint.pattern',
      announced({ from: 'log', pattern: 'on (' }),
      'must be a regular expression or its source',
    ],
    ...['listening', /(\w+) on (\d+)/, /on (?<host>\w+)/].map((pattern): [string, unknown, string] => [
      'endpoint.pattern',
      announced({ from: 'log', pattern }),
      'must have a group named `url`, `port` or `socketPath`, or one group for a URL or a port',
    ]),
  ])('is told once, at %s: %j', (path, config, message) => {
    expect(problemsOf(config)).toEqual([{ path, message }]);
  });

  it.each<[path: string, config: unknown, nearest: string]>([
    ['healthCheck.liveness.prot', liveness({ type: 'tcp', prot: 1 }), 'port'],
    ['healthCheck.liveness.pth', liveness({ pth: '/live' }), 'path'],
    ['healthCheck.liveness.check', liveness({ type: 'all', checks: [{}], check: [] }), 'checks'],
    [
      'healthCheck.liveness.checks[1].patern',
      allOf({}, { type: 'log', pattern: 'a', patern: 'b' }),
      'pattern',
    ],
    ['healthCheck.readiness.intervall', readiness({ type: 'ipc', intervall: 1 }), 'interval'],
    ['endpoint.strem', announced({ from: 'log', pattern: '(.+)', strem: 'stdout' }), 'stream'],
  ])('is an unknown key of its kind, at %s', (path, config, nearest) => {
    const [problem, ...others] = problemsOf(config).filter((each) => each.path === path);
    expect(others).toEqual([]);
    expect(problem?.message).toBe(`is not a known key; did you mean "${nearest}"?`);
  });

  it('names the keys of that kind only, when none is similar', () => {
    expect(problemsOf(liveness({ type: 'grpc', command: 'x' }))).toEqual([
      { path: 'healthCheck.liveness.command', message: 'is not a known key; known are type, service, port' },
    ]);
  });

  it('is nothing with a pattern that can say an address', () => {
    const patterns = ['on (.+)', /:(?<port>\d+)/, '(?<host>.+):(?<port>\\d+)', /(?<socketPath>\/\p{L}+)/u];
    for (const pattern of patterns) expect(problemsOf(announced({ from: 'log', pattern }))).toEqual([]);
  });
});

describe('an issue that says nothing itself', () => {
  it('still is a problem', () => {
    const path = ['healthCheck', 'liveness'];
    const input = {};
    const message = 'Invalid input';
    const nothing: Parameters<typeof describeIssues>[0] = [
      { code: 'invalid_union', errors: [], input, path, message },
      { code: 'invalid_key', origin: 'record', issues: [], input, path, message },
      { code: 'unrecognized_keys', keys: [], input, path, message },
    ];
    const problem = { path: 'healthCheck.liveness', message: 'invalid input' };
    expect(describeIssues(nothing, {}, sidecarConfigSchema)).toEqual([problem, problem, problem]);
  });
});
