import { runInThisContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { checkSchema } from '../../src/config/check-schema.js';
import { configExamples } from '../../visualizations/config-examples.js';
import { writeConfigReference } from '../../visualizations/config-reference.js';
import { parseConfigSchema } from '../../visualizations/config-schema.js';
import { problemsOf } from '../config/problems.js';

const page = writeConfigReference(parseConfigSchema());
/** The lines of a section, from its heading to the next one. */
const section = (heading: string) => page.split(/^(?=##+ )/m).find((part) => part.startsWith(`${heading}\n`));

describe('the reference page of the configuration', () => {
  it.each(configExamples)('shows a configuration that is right: $need', ({ config }) => {
    expect(problemsOf(runInThisContext(`(${config})`))).toEqual([]);
    expect(page).toContain(config);
  });

  it('describes each kind of check once', () => {
    const kinds = page.match(/^### type: .*$/gm);
    expect(kinds).toHaveLength(checkSchema.options.length);
    expect(new Set(kinds).size).toBe(checkSchema.options.length);
    for (const key of ['startup', 'liveness', 'readiness']) {
      expect(section('## healthCheck')).toContain(`| \`${key}\` | [check](#checks) | none |`);
    }
    expect(section('### type: `all`')).toContain('list of [checks](#checks)');
    expect(section('## Checks')).toContain('| `failureThreshold` | integer ≥ 1 | `1` |');
  });

  it('names every way to announce an endpoint, with its own keys', () => {
    expect(section('### from: `log`')).toContain('| `pattern` | string or `RegExp` | **required** |');
    expect(section('### from: `file`')).toContain('| `path` | string | **required** |');
    expect(section('### from: `notify`')).toContain('It has no other keys.');
  });

  it('shows what only a program can give, keys within keys, and a default of null', () => {
    expect(section('## client')).toContain('| `fallback` | function | none |');
    expect(section('## client')).toContain('| `circuitBreaker.threshold` | integer ≥ 1 | `10` |');
    expect(section('## process')).toContain('| `env` | object of strings or function | `{}` |');
    expect(section('## Top level')).toContain('| `idleTimeout` | integer ≥ 1 or `null` | `null` |');
  });
});
