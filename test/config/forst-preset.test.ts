import { describe, expect, it, vi } from 'vitest';
import { ForstSidecar, forstPreset, resolveConfig, SidecarConfigError } from '../../src/index.js';
import { problemsOf } from './problems.js';

describe('the Forst preset', () => {
  it('compiles, runs and tells its binary what the design says, over HTTP', () => {
    const { name, compile, process } = resolveConfig(forstPreset());
    expect(name).toBe('forst');
    expect([compile?.command, ...(compile?.args ?? [])].join(' ')).toBe(
      'forst compile ./forst -o ./dist/forst',
    );
    expect(process).toMatchObject({
      command: './dist/forst/sidecar',
      args: ['--http-port', '{port}'],
      env: { FORST_ENV: 'development', FORST_LOG_LEVEL: 'info' },
    });
  });

  it('names the socket over IPC', () => {
    const { process, ipc } = resolveConfig(forstPreset({ transport: 'ipc' }));
    expect(process.args).toEqual(['--ipc-socket', '{socketPath}']);
    expect(ipc).toEqual({ socketPath: '/tmp/forst.sock', permissions: 0o600 });
  });

  it.each([
    ['http', ['--http-port', '{port}', '--debug']],
    ['ipc', ['--ipc-socket', '{socketPath}', '--debug']],
  ] as const)('passes the debug switch on over %s', (transport, args) => {
    expect(resolveConfig(forstPreset({ transport, debug: true })).process.args).toEqual(args);
  });

  it('tells environment and log level as variables', () => {
    const { process } = resolveConfig(forstPreset({ environment: 'production', logLevel: 'warn' }));
    expect(process.env).toEqual({ FORST_ENV: 'production', FORST_LOG_LEVEL: 'warn' });
  });

  it('skips the compilation when the binary is newer than the sources', () => {
    const { compile } = resolveConfig(forstPreset());
    expect(compile).toMatchObject({ inputs: ['./forst/**/*.ft'], outputs: ['./dist/forst/sidecar'] });
  });

  it('gives way to what is given, key by key', () => {
    const { compile, process } = resolveConfig(
      forstPreset({
        compile: { command: '/opt/forst', timeout: 1000 },
        process: { command: './main', restartDelay: 7, env: { FORST_ENV: 'mine', MORE: '1' } },
      }),
    );
    expect(compile).toMatchObject({
      command: '/opt/forst',
      timeout: 1000,
      args: ['compile', './forst', '-o', './dist/forst'],
    });
    expect(process).toMatchObject({ command: './main', restartDelay: 7, args: ['--http-port', '{port}'] });
    expect(process.env).toEqual({ FORST_ENV: 'mine', FORST_LOG_LEVEL: 'info', MORE: '1' });
  });

  it('asks a function for variables anew for each incarnation', () => {
    const own = vi.fn(() => ({ TOKEN: String(own.mock.calls.length) }));
    const { env } = resolveConfig(forstPreset({ process: { env: own } })).process;
    expect(own).not.toHaveBeenCalled();
    const ask = typeof env === 'function' ? env : () => env;
    expect(ask()).toMatchObject({ FORST_ENV: 'development', TOKEN: '1' });
    expect(ask()).toMatchObject({ TOKEN: '2' });
  });

  it('lets wrong values through to the validation, which names them', () => {
    const wrong = { transport: 'tcp', http: { port: 'x' }, process: { maxRestarts: -1 }, typo: true };
    const preset: unknown = Reflect.apply(forstPreset, undefined, [wrong]);
    expect(
      problemsOf(preset)
        .map(({ path }) => path)
        .toSorted(),
    ).toEqual(['http.port', 'process.maxRestarts', 'transport', 'typo']);
  });
});

describe('ForstSidecar', () => {
  it('is made without any configuration, and starts nothing by itself', () => {
    const sidecar = new ForstSidecar();
    expect(sidecar.config).toEqual(resolveConfig(forstPreset()));
    expect(sidecar.status()).toMatchObject({ state: 'stopped', pid: null, reason: null });
  });

  it('takes part of one', () => {
    expect(new ForstSidecar({ http: { port: 9090 }, debug: true }).config).toEqual(
      resolveConfig(forstPreset({ http: { port: 9090 }, debug: true })),
    );
  });

  it('refuses a wrong one', () => {
    expect(() => new ForstSidecar({ http: { port: -1 } })).toThrow(SidecarConfigError);
  });
});
