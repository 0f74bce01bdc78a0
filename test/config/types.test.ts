import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  createSidecar,
  defineConfig,
  type ForstConfig,
  type ResolvedSidecarConfig,
  type Sidecar,
  type SidecarConfig,
  SidecarConfigError,
} from '../../src/index.js';

describe('the types of the configuration', () => {
  it('require a command, and nothing else', () => {
    expectTypeOf(createSidecar).toBeCallableWith({ process: { command: 'server' } });
    expectTypeOf<{ process: { command: string } }>().toExtend<SidecarConfig>();
    // @ts-expect-error: there is no program to run
    expect(() => createSidecar({})).toThrow(SidecarConfigError);
    // @ts-expect-error: there is no program to run
    expect(() => createSidecar({ process: { restartDelay: 1 } })).toThrow(SidecarConfigError);
  });

  it('know keys and values', () => {
    const process = { command: 'server' };
    // @ts-expect-error: a typing error in a key
    expect(() => createSidecar({ process, helthCheck: {} })).toThrow(SidecarConfigError);
    // @ts-expect-error: a value of the wrong type
    expect(() => createSidecar({ process, http: { port: '8080' } })).toThrow(SidecarConfigError);
    // @ts-expect-error: a transport that does not exist
    expect(() => createSidecar({ process, transport: 'tcp' })).toThrow(SidecarConfigError);
    expectTypeOf<NonNullable<SidecarConfig['transport']>>().toEqualTypeOf<'http' | 'ipc' | 'direct'>();
  });

  it('know the kinds of checks, and that the one without a type is HTTP', () => {
    const process = { command: 'server' };
    type Check = NonNullable<NonNullable<SidecarConfig['healthCheck']>['liveness']>;
    expectTypeOf<{ path: '/live' }>().toExtend<Check>();
    expectTypeOf<{ type: 'log'; pattern: RegExp }>().toExtend<Check>();
    expectTypeOf<{ type: 'all'; checks: [{ path: '/live' }, { type: 'process' }] }>().toExtend<Check>();
    // @ts-expect-error: a check that does not exist
    expect(() => createSidecar({ process, healthCheck: { liveness: { type: 'htp' } } })).toThrow(
      SidecarConfigError,
    );
    // @ts-expect-error: only a readiness check has its own interval
    expect(() => createSidecar({ process, healthCheck: { liveness: { interval: 1 } } })).toThrow(
      SidecarConfigError,
    );
    type ResolvedCheck = NonNullable<ResolvedSidecarConfig['healthCheck']['liveness']>;
    expectTypeOf<Extract<ResolvedCheck, { type: 'http' }>['path']>().toEqualTypeOf<string>();
    expectTypeOf<Extract<ResolvedCheck, { type: 'log' }>['pattern']>().toEqualTypeOf<string | RegExp>();
  });

  it('are complete once the configuration is resolved', () => {
    expectTypeOf<ResolvedSidecarConfig['process']['restartDelay']>().toEqualTypeOf<number>();
    expectTypeOf<ResolvedSidecarConfig['http']>().toEqualTypeOf<{
      port: number;
      host: string;
      cors: boolean;
    }>();
    expectTypeOf<Sidecar['config']>().toEqualTypeOf<ResolvedSidecarConfig>();
    expectTypeOf<ResolvedSidecarConfig>().toExtend<SidecarConfig>();
  });

  it('leave everything optional in the Forst preset', () => {
    expectTypeOf<Record<never, never>>().toExtend<ForstConfig>();
    expectTypeOf<{ process: { restartDelay: number } }>().toExtend<ForstConfig>();
  });

  it('hold in defineConfig, which returns what it is given', () => {
    const config = { process: { command: 'server' } };
    expect(defineConfig(config)).toBe(config);
    // @ts-expect-error: a typing error in a key
    defineConfig({ process: { command: 'server', arguments: [] } });
  });
});
