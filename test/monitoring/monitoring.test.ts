import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createSidecar } from '../../src/index.js';
import { sidecarMetrics } from '../../src/metrics.js';
import { serverConfig } from '../support/server-config.js';

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const RULES = file('../../monitoring/sidecar.rules.yml');
const RULE_TESTS = file('sidecar.rules.test.yml');

const dashboard = z
  .object({
    title: z.string(),
    schemaVersion: z.number(),
    templating: z.object({ list: z.array(z.object({ name: z.string() })) }),
    panels: z.array(
      z.object({
        id: z.number(),
        title: z.string(),
        gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
        targets: z.array(z.object({ expr: z.string() })).default([]),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(file('../../monitoring/sidecar.dashboard.json'), 'utf8')));

const dashboardExpressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
const ruleExpressions = [...readFileSync(RULES, 'utf8').matchAll(/^\s+expr: (.+)$/gm)].map(
  ([, expression = '']) => expression,
);

const sidecar = createSidecar(serverConfig());
const { registry } = sidecarMetrics(sidecar);

/** Every name that a query may use. */
async function registeredNames(): Promise<Set<string>> {
  const metrics = await registry.getMetricsAsJSON();
  return new Set(
    metrics.flatMap(({ name, type }) =>
      String(type) === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
}

const namesIn = (expressions: readonly string[]) =>
  new Set(expressions.flatMap((expression) => expression.match(/\bsidecar_\w+/g) ?? []));

describe('dashboard and rules', () => {
  it('are about metrics that there are', async () => {
    const registered = await registeredNames();
    const used = [...namesIn([...dashboardExpressions, ...ruleExpressions])];
    expect(used.length).toBeGreaterThan(20);
    expect(used.filter((name) => !registered.has(name))).toEqual([]);
  });

  it('choose labels and values that there are', async () => {
    const text = await registry.metrics();
    const valuesOf = (metric: string, label: string) =>
      [...text.matchAll(new RegExp(`^${metric}{[^}]*\\b${label}="([^"]*)"`, 'gm'))].map(
        ([, value = '']) => value,
      );
    let chosen = 0;
    for (const expression of [...dashboardExpressions, ...ruleExpressions]) {
      for (const [, metric = '', selectors = ''] of expression.matchAll(/(sidecar_\w+)\{([^}]*)\}/g)) {
        for (const [, label = '', operator, value = ''] of selectors.matchAll(
          /(\w+)(=~|!~|!=|=)"([^"]*)"/g,
        )) {
          // A new sidecar has no check yet; and which sidecar is up to the viewer.
          if (label === 'sidecar' || label === 'result') continue;
          const known = valuesOf(metric, label);
          const wanted = operator?.endsWith('~')
            ? value.split('|').filter((each) => !each.endsWith('.*'))
            : [value];
          expect(known, `${metric} by ${label}`).toEqual(expect.arrayContaining(wanted));
          chosen += 1;
        }
      }
    }
    expect(chosen).toBeGreaterThan(5);
  });

  it('the dashboard shows every metric, in panels that do not overlap', async () => {
    const shown = namesIn(dashboardExpressions);
    const names = (await registry.getMetricsAsJSON()).map(({ name }) => name);
    expect(names.filter((name) => !shown.has(name) && !shown.has(`${name}_bucket`))).toEqual([]);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(cells.every((cell) => Number(cell.split(',')[0]) < 24)).toBe(true);
  });

  it('every alert has a test', () => {
    const alerts = new Set(
      [...readFileSync(RULES, 'utf8').matchAll(/- alert: (\w+)/g)].map(([, name]) => name),
    );
    const tested = new Set(
      [...readFileSync(RULE_TESTS, 'utf8').matchAll(/alertname: (\w+)/g)].map(([, name]) => name),
    );
    expect([...tested].toSorted()).toEqual([...alerts].toSorted());
  });
});

describe('promtool', () => {
  const isThere = findPromtool();

  it.skipIf(!isThere)('accepts the rules', () => {
    const told = execFileSync('promtool', ['check', 'rules', RULES], { encoding: 'utf8', stdio: 'pipe' });
    expect(told).toMatch(/SUCCESS: 11 rules found/);
  });

  it.skipIf(!isThere)('sees each alert fire when it should, and not otherwise', () => {
    const told = execFileSync('promtool', ['test', 'rules', RULE_TESTS], { encoding: 'utf8', stdio: 'pipe' });
    expect(told).toContain('SUCCESS');
  });

  it.skipIf(!isThere)('finds nothing wrong with the names and units of the metrics', async () => {
    const input = await registry.metrics();
    const told = execFileSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8', stdio: 'pipe' });
    expect(told).toBe('');
  });

  function findPromtool(): boolean {
    try {
      execFileSync('promtool', ['--version'], { stdio: 'pipe' });
      return true;
    } catch {
      console.log('skipped: promtool is not installed (Debian: apt-get install prometheus)');
      return false;
    }
  }
});
