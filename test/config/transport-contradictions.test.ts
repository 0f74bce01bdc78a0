import { describe, expect, it } from 'vitest';
import { problemsOf } from './problems.js';

const process = { command: 'server' };
const endpoint = { from: 'notify' };
const checked = (check: unknown) => ({ process, healthCheck: { liveness: check } });
const overSocket = (check: unknown) => ({ ...checked(check), transport: 'ipc' });
const inLibrary = (check: unknown) => ({ ...checked(check), transport: 'direct' });
const library = { process, transport: 'direct' };

describe('a check that could never pass', () => {
  it.each<[path: string, config: unknown, message: string]>([
    [
      'healthCheck.liveness',
      checked({ type: 'ipc' }),
      'the sidecar listens on a TCP port: use the type "tcp"',
    ],
    ['healthCheck.liveness', checked({ type: 'direct' }), 'the sidecar is a process: use another type'],
    ['healthCheck.liveness', overSocket({ type: 'direct' }), 'the sidecar is a process'],
    ['healthCheck.liveness', { ...checked({ type: 'direct' }), endpoint }, 'the sidecar is a process'],
    [
      'healthCheck.liveness',
      overSocket({ type: 'tcp' }),
      'give both `host` and `port`, or use the type "ipc"',
    ],
    ['healthCheck.liveness', overSocket({ type: 'tcp', port: 80 }), 'give both `host` and `port`'],
    ['healthCheck.liveness', overSocket({ type: 'tcp', host: 'a' }), 'give both `host` and `port`'],
    ['healthCheck.liveness', overSocket({ port: 80 }), 'leave it out, which asks over the socket'],
    ['healthCheck.liveness', overSocket({ type: 'grpc', port: 80 }), 'leave it out'],
    ['healthCheck.liveness', inLibrary({}), 'listens nowhere: use the type "direct"'],
    ['healthCheck.liveness', inLibrary({ type: 'tcp' }), 'give both `host` and `port`'],
    ['healthCheck.liveness', inLibrary({ type: 'grpc', port: 1 }), 'listens nowhere: use the type "direct"'],
    ['healthCheck.liveness', inLibrary({ type: 'ipc' }), 'a shared library listens nowhere'],
    [
      'healthCheck.liveness',
      inLibrary({ type: 'log', pattern: 'a' }),
      'a shared library has none of its own',
    ],
    ['healthCheck.liveness', inLibrary({ type: 'notify' }), 'a shared library has none of its own'],
    ['healthCheck.liveness', inLibrary({ type: 'file', path: 'a' }), 'a shared library has none of its own'],
    ['healthCheck.liveness', inLibrary({ type: 'process' }), 'a shared library has none of its own'],
    ['healthCheck.startup', { process, healthCheck: { startup: { type: 'ipc' } } }, 'listens on a TCP port'],
    [
      'healthCheck.readiness',
      { process, healthCheck: { readiness: { type: 'ipc' } } },
      'listens on a TCP port',
    ],
    [
      'healthCheck.liveness.checks[1]',
      checked({ type: 'any', checks: [{}, { type: 'ipc' }] }),
      'listens on a TCP port',
    ],
  ])('is named, at %s: %j', (path, config, message) => {
    expect(problemsOf(config)).toEqual([{ path, message: expect.stringContaining(message) }]);
  });

  it.each([
    checked({ type: 'tcp' }),
    checked({ port: 9000 }),
    overSocket({ type: 'ipc' }),
    overSocket({}),
    overSocket({ type: 'grpc' }),
    overSocket({ type: 'tcp', host: 'localhost', port: 80 }),
    inLibrary({ type: 'direct' }),
    inLibrary({ type: 'exec', command: 'true' }),
    inLibrary({ type: 'tcp', host: '127.0.0.1', port: 80 }),
    // It may announce either a port or a socket.
    { ...checked({ type: 'ipc' }), endpoint },
    { ...overSocket({ type: 'tcp' }), endpoint },
    { ...overSocket({ port: 80 }), endpoint },
  ])('is not %j', (config) => {
    expect(problemsOf(config)).toEqual([]);
  });
});

describe('a template of another transport', () => {
  const args = (...values: string[]) => ({ ...process, args: values });
  const exec = (...values: string[]) => ({ type: 'exec', command: 'probe', args: values });

  it.each<[path: string, config: unknown, message: string]>([
    ['process.args[1]', { process: args('-s', '{socketPath}') }, '{socketPath}, which the transport "http"'],
    [
      'process.args[0]',
      { transport: 'ipc', process: args('--port={port}') },
      '{port}, which the transport "ipc"',
    ],
    [
      'process.args[0]',
      { transport: 'ipc', endpoint, process: args('{host}') },
      '{host}, which the transport "ipc"',
    ],
    ['process.args[0]', { ...library, process: args('{port}') }, '{port}, which the transport "direct"'],
    ['process.args[0]', { ...library, process: args('{host}') }, '{host}, which the transport "direct"'],
    [
      'process.args[0]',
      { ...library, process: args('{socketPath}') },
      '{socketPath}, which the transport "direct"',
    ],
    [
      'healthCheck.liveness.args[0]',
      checked(exec('{socketPath}')),
      '{socketPath}, which the transport "http"',
    ],
    ['healthCheck.liveness.args[1]', overSocket(exec('-p', '{port}')), '{port}, which the transport "ipc"'],
    ['healthCheck.liveness.args[0]', inLibrary(exec('{host}')), '{host}, which the transport "direct"'],
    [
      'healthCheck.liveness.checks[0].args[0]',
      checked({ type: 'all', checks: [exec('{socketPath}')] }),
      '{socketPath}, which the transport "http"',
    ],
  ])('is named, at %s', (path, config, message) => {
    expect(problemsOf(config)).toEqual([{ path, message: `uses ${message} does not have` }]);
  });

  it('is none in what asks an announced address, or is told the configured one', () => {
    expect(problemsOf({ ...checked(exec('{port}', '{socketPath}')), endpoint })).toEqual([]);
    expect(problemsOf({ process: args('{port}', '{name}', '{other}'), endpoint })).toEqual([]);
  });
});

describe('a shared library', () => {
  const functions = (prototypes: Record<string, string>) => ({
    ...library,
    direct: { functions: prototypes },
  });

  it.each<[path: string, config: unknown, message: string]>([
    ['endpoint', { ...library, endpoint }, 'a shared library listens nowhere'],
    [
      'process.handoffVariable',
      { ...library, process: { ...process, handoffVariable: 'TOKEN_FD' } },
      'there is no process that inherits a pipe',
    ],
    ['direct.functions.add', functions({ add: 'int sub(int a, int b)' }), 'declares `sub`'],
    ['direct.functions.add', functions({ add: 'int (int a)' }), 'must be a prototype in C'],
    ['direct.functions.add', functions({ add: 'add(int a)' }), 'must be a prototype in C'],
    ['direct.functions.add', functions({ add: 'int add' }), 'must be a prototype in C'],
    ['direct.functions.add', functions({ add: 'int add(' }), 'must be a prototype in C'],
    ['direct.functions', { process, direct: { functions: { add: 'int add()' } } }, 'set `transport`'],
    ['direct.health', { process, transport: 'ipc', direct: { health: 'is_well' } }, 'set `transport`'],
    ['direct.health', { ...library, direct: { health: 'is well' } }, 'must be the name of a symbol'],
    ['direct.functions.a b', functions({ 'a b': 'int a()' }), 'must be the name of a symbol'],
  ])('is named, at %s: %j', (path, config, message) => {
    const problems = problemsOf(config).filter((problem) => problem.path === path);
    expect(problems.map((problem) => problem.message)).toContainEqual(expect.stringContaining(message));
  });

  it.each([
    ['add', 'int add(int a, int b)'],
    ['greet', 'const char *greet(const char *name)'],
    ['greet', 'char* greet ( void );'],
    ['start', 'unsigned long long start()'],
    ['take', 'str! take(_Out_ int *count)'],
    ['_reset2', '\n  void\n  _reset2(void)\n'],
  ])('takes the prototype of %s: %j', (symbol, declaration) => {
    expect(problemsOf(functions({ [symbol]: declaration }))).toEqual([]);
  });

  it('may say nothing at all about what is in it', () => {
    expect(problemsOf(library)).toEqual([]);
    expect(problemsOf({ process, direct: { functions: {}, health: undefined } })).toEqual([]);
  });
});

describe('the variable of the notify descriptor', () => {
  const taken = { ...process, handoffVariable: 'NOTIFY_FD' };

  it.each([
    { process: taken, endpoint },
    { process: taken, healthCheck: { startup: { type: 'notify' } } },
    { process: taken, healthCheck: { readiness: { type: 'any', checks: [{}, { type: 'notify' }] } } },
  ])('can not name another pipe: %j', (config) => {
    expect(problemsOf(config)).toEqual([
      { path: 'process.handoffVariable', message: expect.stringContaining('choose another name') },
    ]);
  });

  it('is free when nothing is notified', () => {
    expect(problemsOf({ process: taken })).toEqual([]);
    expect(problemsOf({ process: taken, endpoint: { from: 'file', path: 'a.json' } })).toEqual([]);
  });
});
