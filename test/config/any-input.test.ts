import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveConfig, sidecarConfigSchema } from '../../src/index.js';
import { validConfig } from './config-arbitrary.js';
import { problemsOf } from './problems.js';

const sections = Object.keys(sidecarConfigSchema.shape);

/** Something of any type, under the names that the configuration knows and under others. */
const nearlyConfig = fc.dictionary(fc.oneof(fc.constantFrom(...sections), fc.string()), fc.anything());

/** A valid configuration with any value put over one of its sections, or over one key of a section. */
const spoiledConfig = fc
  .tuple(validConfig, fc.constantFrom(...sections), fc.string(), fc.anything())
  .chain(([config, section, key, value]) =>
    fc.constantFrom({ ...config, [section]: value }, { ...config, [section]: { [key]: value } }),
  );

describe('any valid configuration', () => {
  it('is accepted, and what was given is kept', () => {
    fc.assert(
      fc.property(validConfig, (config) => {
        const resolved = resolveConfig(config);
        expect(resolved).toMatchObject(config);
      }),
      { numRuns: 300 },
    );
  });

  it('resolves to one that resolves to itself', () => {
    fc.assert(
      fc.property(validConfig, (config) => {
        const resolved = resolveConfig(config);
        expect(resolveConfig({ ...resolved })).toEqual(resolved);
      }),
      { numRuns: 300 },
    );
  });

  it('is not changed by being resolved', () => {
    fc.assert(
      fc.property(validConfig, (config) => {
        freeze(config);
        resolveConfig(config);
      }),
    );
  });
});

/** A valid configuration with a check or an announcement of any kind, of which any key may be anything. */
const spoiledUnion = fc
  .tuple(validConfig, fc.constantFrom('startup', 'liveness', 'readiness', 'endpoint'), spoiledMember())
  .map(([config, place, value]) =>
    place === 'endpoint' ? { ...config, endpoint: value } : { ...config, healthCheck: { [place]: value } },
  );

function spoiledMember(): fc.Arbitrary<unknown> {
  const kind = fc.constantFrom('http', 'tcp', 'exec', 'log', 'file', 'notify', 'grpc', 'htp', 7, undefined);
  const keys = fc.constantFrom('path', 'pattern', 'status', 'json', 'port', 'args', 'stream', 'watchdog');
  const member = fc
    .tuple(kind, fc.dictionary(fc.oneof(keys, fc.string()), fc.anything()))
    .map(([name, rest]) => ({ ...rest, type: name, from: name }));
  const combined = fc.array(fc.oneof(member, fc.anything())).map((checks) => ({ type: 'all', checks }));
  return fc.oneof(member, combined, fc.anything());
}

describe('any value at all', () => {
  it.each([
    [
      'of any type',
      fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true }),
    ],
    ['from a JSON file', fc.jsonValue()],
    ['that looks like a configuration', nearlyConfig],
    ['that is one but for one place', spoiledConfig],
    ['that is one but for a check or an announcement', spoiledUnion],
  ])('%s is accepted, or refused with a list of problems', (_, values) => {
    fc.assert(
      fc.property(values, (value) => {
        // A refusal always has a reason.
        for (const { path, message } of problemsOf(value)) {
          expect(path).toBeTypeOf('string');
          expect(message).not.toBe('');
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** A change would throw then. */
function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) freeze(inner);
}
