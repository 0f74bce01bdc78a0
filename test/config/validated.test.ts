import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSidecar, resolveConfig, resolveFleetConfig } from '../../src/index.js';
import { validConfig } from './config-arbitrary.js';

describe('what a validation comes to', () => {
  it('is not validated or copied again', () => {
    const resolved = resolveConfig({ process: { command: 'server' } });
    expect(resolveConfig(resolved)).toBe(resolved);
    expect(createSidecar(resolved).config).toBe(resolved);
  });

  it('can’t be changed, at any depth', () => {
    const resolved = resolveConfig({ process: { command: 'server', args: ['--port'] } });
    expect(() => Object.assign(resolved, { name: 'other' })).toThrow(TypeError);
    expect(() => Object.assign(resolved.process, { command: '' })).toThrow(TypeError);
    expect(() => resolved.process.args.push('80')).toThrow(TypeError);
  });

  it('leaves alone what was given', () => {
    const args = ['--port'];
    const pattern = /ready/g;
    const config = {
      process: { command: 'server', args },
      healthCheck: { startup: { type: 'log' as const, pattern } },
    };
    resolveConfig(config);
    for (const given of [config, config.process, config.healthCheck, args, pattern]) {
      expect(Object.isFrozen(given)).toBe(false);
    }
  });

  it('is validated when something was put over it', () => {
    const resolved = resolveConfig({ process: { command: 'server' } });
    expect(() => resolveConfig({ ...resolved, process: { command: '' } })).toThrow('process.command');
  });

  it('of a fleet is, for each process, what it comes to alone', () => {
    fc.assert(
      fc.property(validConfig, fc.integer({ min: 1, max: 3 }), (config, instances) => {
        const { name: _name, lazy: _lazy, inspect: _inspect, ...sidecar } = config;
        const fleet = { sidecars: { api: { ...sidecar, instances } } };
        fc.pre(isAccepted(fleet));
        for (const { config: member } of resolveFleetConfig(fleet).members) {
          expect(resolveConfig({ ...member })).toEqual(member);
          expect(resolveConfig(member)).toBe(member);
        }
      }),
      { numRuns: 200 },
    );
  });
});

/** Not everything can have several instances: a port may be too high for that. */
function isAccepted(fleet: Parameters<typeof resolveFleetConfig>[0]): boolean {
  try {
    resolveFleetConfig(fleet);
    return true;
  } catch {
    return false;
  }
}
