import { describe, expect, it } from 'vitest';
import { SidecarConfigError } from '../../src/index.js';
import { problemsOf } from './problems.js';

const process = { command: 'server' };

describe('a wrong value', () => {
  it.each<[path: string, config: unknown, message: RegExp]>([
    ['', undefined, /give at least process\.command/],
    ['', null, /expected object/],
    ['', [], /expected object/],
    ['', 'server', /expected object/],
    ['process', {}, /give at least process\.command/],
    ['process', { process: null }, /expected object/],
    ['process.command', { process: {} }, /required/],
    ['process.command', { process: { command: 7 } }, /must name the program/],
    ['process.command', { process: { command: '' } }, /must not be empty/],
    ['process.command', { process: { command: 'ser\0ver' } }, /NUL/],
    ['process.args', { process: { ...process, args: 'all' } }, /expected array/],
    ['process.args[1]', { process: { ...process, args: ['a', 2] } }, /expected string/],
    ['process.args[0]', { process: { ...process, args: ['a\0b'] } }, /NUL/],
    ['process.cwd', { process: { ...process, cwd: '' } }, /must not be empty/],
    ['process.env', { process: { ...process, env: 'A=1' } }, /object of strings or a function/],
    ['process.env.A', { process: { ...process, env: { A: 1 } } }, /expected string/],
    ['process.env.A=B', { process: { ...process, env: { 'A=B': '1' } } }, /name of an environment variable/],
    // As JSON.parse makes it.
    [
      'process.env.__proto__',
      { process: { ...process, env: JSON.parse('{"__proto__":"1"}') } },
      /can't be named/,
    ],
    [
      'healthCheck.liveness.json.__proto__',
      { process, healthCheck: { liveness: { json: JSON.parse('{"__proto__":1}') } } },
      /can't be named/,
    ],
    ['process.autoRestart', { process: { ...process, autoRestart: 'yes' } }, /expected boolean/],
    ['process.restartDelay', { process: { ...process, restartDelay: -1 } }, />=0/],
    ['process.restartDelay', { process: { ...process, restartDelay: '5000' } }, /expected number/],
    ['process.restartDelay', { process: { ...process, restartDelay: Number.NaN } }, /NaN/],
    ['process.restartDelay', { process: { ...process, restartDelay: 0.5 } }, /expected int/],
    [
      'process.maxRestarts',
      { process: { ...process, maxRestarts: Number.POSITIVE_INFINITY } },
      /Infinity|int/,
    ],
    ['process.backoffFactor', { process: { ...process, backoffFactor: 0.5 } }, />=1/],
    ['process.restartJitter', { process: { ...process, restartJitter: 1.5 } }, /<=1/],
    ['process.stopSignal', { process: { ...process, stopSignal: 'SIGKILL' } }, /SIGTERM/],
    // A timer of Node.js that is longer fires at once.
    ['process.stopTimeout', { process: { ...process, stopTimeout: 2 ** 31 } }, /<=2147483647/],
    ['process.killTimeout', { process: { ...process, killTimeout: 0 } }, />=1/],
    ['process.handoffVariable', { process: { ...process, handoffVariable: 'A=B' } }, /environment variable/],
    ['process.tailLines', { process: { ...process, tailLines: 1001 } }, /<=1000/],
    ['name', { name: '', process }, /1 to 64 letters/],
    ['name', { name: 'a/b', process }, /1 to 64 letters/],
    ['transport', { transport: 'tcp', process }, /^must be one of "http", "ipc", "direct"$/],
    ['transport', { transport: 'dirct', process }, /did you mean "direct"\?$/],
    ['transport', { transport: null, process }, /must be one of "http"/],
    ['http.port', { http: { port: 65_536 }, process }, /<=65535/],
    ['http.port', { http: { port: -1 }, process }, />=0/],
    ['http.port', { http: { port: '8080' }, process }, /expected number/],
    ['http.host', { http: { host: '' }, process }, /must be a host name/],
    ['ipc.permissions', { ipc: { permissions: 0o1000 }, process }, /<=511/],
    ['ipc.socketPath', { ipc: { socketPath: 1 }, process }, /expected string/],
    ['compile.command', { compile: {}, process }, /required/],
    ['compile.timeout', { compile: { command: 'tsc', timeout: 0 }, process }, />=1/],
    ['compile.inputs[0]', { compile: { command: 'tsc', inputs: [''], outputs: ['a'] }, process }, /empty/],
    ['resources.maxMemoryMB', { resources: { maxMemoryMB: 0 }, process }, />0/],
    ['resources.interval', { resources: { interval: 100 }, process }, />=500/],
    ['resources.breachThreshold', { resources: { breachThreshold: 0 }, process }, />=1/],
    [
      'resources.onMemory',
      { resources: { onMemory: 'kill' }, process },
      /one of "restart", "degrade", "report"/,
    ],
    ['resources.hard.cpus', { resources: { hard: { cpus: '0..3' } }, process }, /such as "0-3,8"/],
    ['resources.hard.nice', { resources: { hard: { nice: 20 } }, process }, /<=19/],
    ['resources.hard.fileDescriptors', { resources: { hard: { fileDescriptors: 3 } }, process }, />=8/],
    ['healthCheck.path', { healthCheck: { path: 'health' }, process }, /starts with "\/"/],
    ['healthCheck.timeout', { healthCheck: { timeout: 0 }, process }, />=1/],
    ['healthCheck.failureThreshold', { healthCheck: { failureThreshold: 1.5 }, process }, /expected int/],
    ['healthCheck', { healthCheck: [], process }, /expected object/],
    ['healthCheck.confirmListener', { healthCheck: { confirmListener: 0 }, process }, /expected boolean/],
    ['journal', { journal: true, process }, /must be an object or false/],
    ['journal.maxBytes', { journal: { maxBytes: 1000 }, process }, /262,?144/],
    ['inspect', { inspect: 'yes', process }, /must be true, false or an object/],
    ['inspect.port', { inspect: { port: -1 }, process }, />=0/],
    ['inspect.token', { inspect: { token: 'guess-me' }, process }, />=16/],
    ['inspect.token', { inspect: { token: 'sixteen or more letters' }, process }, /must be letters/],
    ['inspect.readonly', { inspect: { readonly: true }, process }, /is not a known key/],
    ['stateDirectory', { stateDirectory: '', process }, /must not be empty/],
    ['lazy', { lazy: 'yes', process }, /expected boolean/],
    ['idleTimeout', { idleTimeout: 0, process }, />=1/],
    ['client.waitForReady', { client: { waitForReady: -1 }, process }, />=0/],
    ['client.connections', { client: { connections: 0 }, process }, />=1/],
    ['client.circuitBreaker', { client: { circuitBreaker: false }, process }, /expected object/],
    ['client.circuitBreaker.openFor', { client: { circuitBreaker: { openFor: 0 } }, process }, />=1/],
    ['client.fallback', { client: { fallback: 'none' }, process }, /function that returns a Response/],
    ['debug', { debug: 1, process }, /expected boolean/],
    ['environment', { environment: '', process }, /must not be empty/],
    ['logLevel', { logLevel: null, process }, /expected string/],
  ])('at "%s" is named: %j', (path, config, message) => {
    const problems = problemsOf(config);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ path, message: expect.stringMatching(message) });
  });

  it('may be null for what can be switched off', () => {
    const resources = { maxMemoryMB: null, maxCPUPercent: null, maxFileDescriptors: null };
    const client = { circuitBreaker: null };
    expect(problemsOf({ resources, client, idleTimeout: null, process })).toEqual([]);
  });
});

describe('an unknown key', () => {
  it.each([
    ['proces', { proces: {}, process }, 'process'],
    ['healthcheck', { healthcheck: {}, process }, 'healthCheck'],
    ['process.restartdelay', { process: { ...process, restartdelay: 1 } }, 'restartDelay'],
    ['process.maxRestart', { process: { ...process, maxRestart: 1 } }, 'maxRestarts'],
    ['http.prot', { http: { prot: 1 }, process }, 'port'],
    ['ipc.socket', { ipc: { socket: '/tmp/a' }, process }, 'socketPath'],
    ['compile.ouputs', { compile: { command: 'tsc', ouputs: [] }, process }, 'outputs'],
    ['resources.maxMemory', { resources: { maxMemory: 1 }, process }, 'maxMemoryMB'],
    ['client.circuitBreaker.treshold', { client: { circuitBreaker: { treshold: 1 } }, process }, 'threshold'],
    ['healthCheck.retry', { healthCheck: { retry: 1 }, process }, 'retryInterval'],
  ])('%s is named with the nearest known one', (path, config, nearest) => {
    expect(problemsOf(config)).toEqual([{ path, message: `is not a known key; did you mean "${nearest}"?` }]);
  });

  it('that resembles none is answered with those that are known', () => {
    expect(problemsOf({ http: { timeout: 1 }, process })).toEqual([
      { path: 'http.timeout', message: 'is not a known key; known are port, host, cors' },
    ]);
  });
});

describe('values that contradict each other', () => {
  it.each<[path: string, config: unknown, message: string]>([
    [
      'process.restartDelay',
      { process: { ...process, restartDelay: 2000, maxRestartDelay: 1000 } },
      'process.maxRestartDelay (1000)',
    ],
    [
      'process.restartDelay',
      { process: { ...process, restartDelay: 2000, restartWindow: 1000 } },
      'process.restartWindow (1000)',
    ],
    [
      'healthCheck.timeout',
      { process, healthCheck: { timeout: 2000, startupTimeout: 1000 } },
      'healthCheck.startupTimeout (1000)',
    ],
    [
      'healthCheck.retryInterval',
      { process, healthCheck: { retryInterval: 2000, interval: 1000 } },
      'healthCheck.interval (1000)',
    ],
    [
      'healthCheck.degradedTimeout',
      { process, healthCheck: { degradedTimeout: 999, retryInterval: 500, successThreshold: 2 } },
      'retryInterval × successThreshold (500 × 2 = 1000)',
    ],
    // No retryInterval is short enough.
    [
      'healthCheck.degradedTimeout',
      { process, healthCheck: { degradedTimeout: 4, successThreshold: 5 } },
      '= 5',
    ],
    [
      'resources.breachThreshold',
      { process, resources: { breachThreshold: 4, breachWindow: 3 } },
      'resources.breachWindow (3)',
    ],
    [
      'resources.softMemoryMB',
      { process, resources: { softMemoryMB: 300, maxMemoryMB: 300 } },
      'is not less than resources.maxMemoryMB (300): it would never warn in time',
    ],
    // The default.
    ['resources.softMemoryMB', { process, resources: { softMemoryMB: 600 } }, 'maxMemoryMB (512)'],
    ['resources.softCPUPercent', { process, resources: { softCPUPercent: 90 } }, 'maxCPUPercent (80)'],
    [
      'resources.softFileDescriptors',
      { process, resources: { softFileDescriptors: 9, maxFileDescriptors: 8 } },
      'maxFileDescriptors (8)',
    ],
    ['resources.hard.cgroup', { process, resources: { hard: { cgroup: '/x' } } }, 'memoryMB'],
    [
      'resources.hard.nice',
      { process, transport: 'direct', resources: { hard: { nice: 1, cpus: null } } },
      'it would limit this very process',
    ],
    ['compile.outputs', { process, compile: { command: 'tsc', inputs: ['a'] } }, 'give both or neither'],
    ['compile.inputs', { process, compile: { command: 'tsc', outputs: ['a'] } }, 'give both or neither'],
    ['watch.paths', { process, watch: {} }, 'give globs here, or in compile.inputs'],
    [
      'compile.inputs',
      { process, compile: { command: 'tsc', inputs: undefined, outputs: ['a'] } },
      'give both or neither',
    ],
    [
      'ipc.socketPath',
      { process, transport: 'ipc', ipc: { socketPath: `/${'a'.repeat(103)}` } },
      '104 bytes',
    ],
    ['ipc.socketPath', { process, transport: 'ipc', ipc: { socketPath: `/${'ä'.repeat(52)}` } }, '105 bytes'],
  ])('at %s are named: %j', (path, config, message) => {
    expect(problemsOf(config)).toEqual([{ path, message: expect.stringContaining(message) }]);
  });

  it('are none where the limit is just kept, or does not apply', () => {
    const longest = { socketPath: `/${'a'.repeat(102)}` };
    const tooLong = { socketPath: `/${'a'.repeat(200)}` };
    expect(problemsOf({ process, transport: 'ipc', ipc: longest })).toEqual([]);
    expect(problemsOf({ process, transport: 'http', ipc: tooLong })).toEqual([]);
    expect(problemsOf({ process, healthCheck: { timeout: 1000, startupTimeout: 1000 } })).toEqual([]);
    expect(problemsOf({ process, resources: { softMemoryMB: 600, maxMemoryMB: null } })).toEqual([]);
    expect(problemsOf({ process, resources: { breachThreshold: 3, breachWindow: 3 } })).toEqual([]);
    const recovery = { degradedTimeout: 1000, retryInterval: 500, successThreshold: 2 };
    expect(problemsOf({ process, healthCheck: recovery })).toEqual([]);
  });
});

describe('several problems', () => {
  const config = {
    name: '-',
    transport: 'grpc',
    http: { port: 99_999 },
    endpoint: { from: 'lag' },
    process: { comand: 'server', restartDelay: 2000, maxRestartDelay: 1000, env: { A: 1 } },
    healthCheck: { timeout: '5s', retryInterval: 10, interval: 5, liveness: { type: 'htp' } },
    compile: { command: 'tsc', inputs: ['src/**'] },
  };

  it('are told in one error, each with its path', () => {
    const paths = problemsOf(config).map(({ path }) => path);
    expect(paths.toSorted()).toEqual(
      [
        'name',
        'transport',
        'http.port',
        'endpoint.from',
        'process.command',
        'process.comand',
        'process.restartDelay',
        'process.env.A',
        'healthCheck.timeout',
        'healthCheck.retryInterval',
        'healthCheck.liveness.type',
        'compile.outputs',
      ].toSorted(),
    );
  });

  it('are all in the message, one a line', () => {
    const problems = problemsOf(config);
    const error = new SidecarConfigError(problems);
    const lines = error.message.split('\n');
    expect(lines[0]).toContain(`${problems.length} problem`);
    expect(lines.slice(1)).toEqual(problems.map(({ path, message }) => `  - ${path}: ${message}`));
  });
});
