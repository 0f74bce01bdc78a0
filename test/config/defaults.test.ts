import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import host from 'node:process';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { defaultConfig, forstPreset, resolveConfig } from '../../src/index.js';

/** Copied from the design that this package implements; the two must not drift apart. */
const designedDefaults = {
  transport: 'http',
  http: {
    port: 8080,
    host: 'localhost',
    cors: true,
  },
  ipc: {
    socketPath: '/tmp/forst.sock',
    permissions: 0o600,
  },
  process: {
    autoRestart: true,
    restartDelay: 5000,
    maxRestarts: 5,
  },
  resources: {
    maxMemoryMB: 512,
    maxCPUPercent: 80,
    maxFileDescriptors: 1024,
  },
  healthCheck: {
    interval: 30000,
    timeout: 5000,
    failureThreshold: 3,
  },
  debug: false,
  environment: 'development',
  logLevel: 'info',
};

const process = { command: 'server' };
const anyOf = (check: { path: string }) => ({ type: 'any' as const, checks: [check] });

describe('the defaults', () => {
  it('are those of the design, by the same names', () => {
    expect(defaultConfig).toMatchObject(designedDefaults);
  });

  it('hold when only a command is given', () => {
    expect(resolveConfig({ process })).toMatchObject(designedDefaults);
  });

  it('have no program to run and nothing to compile', () => {
    expect(defaultConfig.process).not.toHaveProperty('command');
    expect(defaultConfig).not.toHaveProperty('compile');
    expect(resolveConfig({ process }).compile).toBeUndefined();
  });

  it('become a configuration by adding a command', () => {
    const config = { ...defaultConfig, process: { ...defaultConfig.process, ...process } };
    expect(resolveConfig(config)).toEqual(resolveConfig({ process }));
  });

  it('fill in a section that is given in part', () => {
    const { http, healthCheck } = resolveConfig({ process, http: { port: 0 }, healthCheck: { path: '/up' } });
    expect(http).toEqual({ ...designedDefaults.http, port: 0 });
    expect(healthCheck).toMatchObject({ ...designedDefaults.healthCheck, path: '/up' });
  });
});

describe('the defaults of what the design does not name', () => {
  it('call nothing, wait for no announcement, and check health with the default check', () => {
    const resolved = resolveConfig({ process });
    expect(resolved.direct).toEqual({ functions: {} });
    expect(resolved).not.toHaveProperty('endpoint');
    expect(resolved.process).not.toHaveProperty('handoffVariable');
    expect(resolved.healthCheck).toMatchObject({ path: '/health', confirmListener: true });
    for (const check of ['startup', 'liveness', 'readiness']) {
      expect(resolved.healthCheck).not.toHaveProperty(check);
    }
  });

  it('start at once and never stop what is not used', () => {
    expect(resolveConfig({ process })).toMatchObject({ lazy: false, idleTimeout: null });
  });

  it('let a request wait, and break the circuit, but send nothing twice', () => {
    expect(resolveConfig({ process }).client).toEqual({
      waitForReady: 10_000,
      maxWaiting: 1000,
      connections: 128,
      retry: false,
      circuitBreaker: { threshold: 10, openFor: 5000 },
    });
  });

  it('restart for each broken limit, warn of none, and let the system enforce none', () => {
    expect(resolveConfig({ process }).resources).toMatchObject({
      softMemoryMB: null,
      softCPUPercent: null,
      softFileDescriptors: null,
      onMemory: 'restart',
      onCPU: 'restart',
      onFileDescriptors: 'restart',
      hard: { memoryMB: null, addressSpaceMB: null, fileDescriptors: null, nice: null, cpus: null },
    });
  });

  it('are filled in within a check', () => {
    const healthCheck = {
      startup: {},
      readiness: { type: 'grpc' },
      liveness: anyOf({ path: '/a' }),
    } as const;
    expect(resolveConfig({ process, healthCheck }).healthCheck).toMatchObject({
      startup: { type: 'http', path: '/health', headers: {} },
      liveness: { type: 'any', checks: [{ type: 'http', path: '/a', headers: {} }] },
      readiness: { type: 'grpc', service: '', interval: 5000, failureThreshold: 1, successThreshold: 1 },
    });
  });

  it('keep a regular expression and a function as they were given', () => {
    const pattern = /ready in \d+ ms/i;
    const fallback = () => new Response('busy');
    const healthCheck = { startup: { type: 'log', pattern } } as const;
    const resolved = resolveConfig({ process, healthCheck, client: { fallback } });
    expect(resolved.healthCheck.startup).toHaveProperty('pattern', pattern);
    expect(resolved.client.fallback).toBe(fallback);
  });
});

describe('the state directory', () => {
  const runtime = host.env['XDG_RUNTIME_DIR'] ?? '';
  const directoryOf = (config: object) => resolveConfig({ process, ...config }).stateDirectory;

  it('is there for a sidecar with a name of its own, in the folder of the user', () => {
    expect(directoryOf({ name: 'api' })).toBe(join(runtime, 'sidecar-machine', 'api'));
    expect(directoryOf({})).toBeNull();
    expect(directoryOf({ name: 'api', stateDirectory: null })).toBeNull();
  });

  it('may be any other', () => {
    expect(directoryOf({ stateDirectory: '/run/api' })).toBe('/run/api');
    expect(directoryOf({ name: 'api', stateDirectory: 'state' })).toBe('state');
  });

  it('is not that of another project, when only a preset gave the name', () => {
    expect(resolveConfig(forstPreset()).stateDirectory).toBeNull();
    expect(resolveConfig(forstPreset({ name: 'shop' })).stateDirectory).toBe(
      join(runtime, 'sidecar-machine', 'shop'),
    );
  });

  it('stays what it was found to be', () => {
    for (const config of [{ process }, { process, name: 'api' }]) {
      expect(resolveConfig(resolveConfig(config))).toEqual(resolveConfig(config));
    }
  });

  it('is in the temporary folder, by the user, where the system gives no other', () => {
    vi.stubEnv('XDG_RUNTIME_DIR', '');
    onTestFinished(() => void vi.unstubAllEnvs());
    const owner = host.getuid?.() ?? userInfo().username;
    expect(directoryOf({ name: 'api' })).toBe(join(tmpdir(), `sidecar-machine-${owner}`, 'api'));
  });
});

/** What is enough as it is stays. */
const RECOVERS = { retryInterval: 10, degradedTimeout: 10_000 };

describe('a default that depends on another value', () => {
  it.each([
    ['interval alone may be below the default retryInterval', { interval: 500 }, { retryInterval: 500 }],
    ['interval above it leaves retryInterval', { interval: 2000 }, { retryInterval: 1000 }],
    ['startupTimeout alone may be below the default timeout', { startupTimeout: 800 }, { timeout: 800 }],
    ['degradedTimeout alone may be below it, too', { degradedTimeout: 300 }, { retryInterval: 300 }],
    [
      'degradedTimeout leaves time for each pass',
      { degradedTimeout: 1000, successThreshold: 3 },
      { retryInterval: 333 },
    ],
    ['successThreshold gets the time it needs', { successThreshold: 20 }, { degradedTimeout: 20_000 }],
    ['retryInterval does so, too', { retryInterval: 20_000 }, { degradedTimeout: 20_000, interval: 30_000 }],
    [
      'both may change others',
      { retryInterval: 40_000, successThreshold: 2 },
      { degradedTimeout: 80_000, interval: 40_000 },
    ],
    ['a short interval needs no longer degradedTimeout', { interval: 10, successThreshold: 50 }, RECOVERS],
    ['startupTimeout above it leaves timeout', { startupTimeout: 8000 }, { timeout: 5000 }],
  ])('%s', (_, healthCheck, expected) => {
    expect(resolveConfig({ process, healthCheck }).healthCheck).toMatchObject({
      ...healthCheck,
      ...expected,
    });
  });

  it.each([
    ['breachThreshold alone is so many samples in a row', { breachThreshold: 5 }, { breachWindow: 5 }],
    ['also when it is small', { breachThreshold: 1 }, { breachWindow: 1 }],
    ['breachWindow alone leaves the threshold', { breachWindow: 10 }, { breachThreshold: 3 }],
    ['unless it is smaller', { breachWindow: 2 }, { breachThreshold: 2 }],
  ])('%s', (_, resources, expected) => {
    expect(resolveConfig({ process, resources }).resources).toMatchObject({ ...resources, ...expected });
  });

  it.each([
    [
      'restartDelay alone may be above the longest delay',
      { restartDelay: 90_000 },
      { maxRestartDelay: 90_000 },
    ],
    ['restartDelay alone may be above the window', { restartDelay: 900_000 }, { restartWindow: 900_000 }],
    [
      'restartDelay below them leaves both',
      { restartDelay: 1 },
      { maxRestartDelay: 60_000, restartWindow: 600_000 },
    ],
    ['a restartDelay of 0 is a value like others', { restartDelay: 0 }, { maxRestartDelay: 60_000 }],
  ])('%s', (_, given, expected) => {
    const config = { process: { ...process, ...given } };
    expect(resolveConfig(config).process).toMatchObject({ ...given, ...expected });
  });

  it('takes undefined for a value that was not set', () => {
    const healthCheck = { interval: 500, retryInterval: undefined, degradedTimeout: undefined };
    expect(resolveConfig({ process, healthCheck }).healthCheck).toMatchObject({
      interval: 500,
      retryInterval: 500,
      degradedTimeout: 10_000,
    });
  });

  it('may name its JSON Schema for an editor', () => {
    expect(resolveConfig({ $schema: './schema.json', process })).toMatchObject(designedDefaults);
  });

  it('gives way to every value that was set, when there are several', () => {
    const given = { ...process, maxRestartDelay: 1000, restartWindow: 2000 };
    expect(resolveConfig({ process: given }).process).toMatchObject({ ...given, restartDelay: 1000 });
  });

  it.each([
    { timeout: 60_000, startupTimeout: 60_000 },
    { retryInterval: 50_000, interval: 50_000 },
  ])('gives way upwards, too: %j', ({ startupTimeout, interval, ...given }) => {
    const larger = startupTimeout === undefined ? { interval } : { startupTimeout };
    expect(resolveConfig({ process, healthCheck: given }).healthCheck).toMatchObject({ ...given, ...larger });
  });

  it('gives way to a value that was set, which may then contradict', () => {
    expect(() => resolveConfig({ process, healthCheck: { interval: 500, retryInterval: 800 } })).toThrow(
      'healthCheck.retryInterval',
    );
  });
});
