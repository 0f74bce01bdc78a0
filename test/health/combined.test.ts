import { describe, expect, it } from 'vitest';
import type { SidecarConfig } from '../../src/index.js';
import { serverConfig } from '../support/server-config.js';
import { watch } from '../support/watched-sidecar.js';

type Liveness = NonNullable<NonNullable<SidecarConfig['healthCheck']>['liveness']>;

function config(liveness: Liveness, options = {}) {
  return serverConfig(options, { healthCheck: { liveness, failureThreshold: 1 } });
}

const http = { type: 'http' } as const;
const alive = { type: 'process' } as const;
const never = { type: 'log', pattern: 'what it never prints' } as const;

describe('all of several checks', () => {
  it('must pass; the report has each', async () => {
    const watched = await watch(config({ type: 'all', checks: [alive, http] })).run();
    const { pid, origin } = watched;
    const { report } = await watched.next('health-checked');
    expect(report).toMatchObject({ passed: true, check: `all of process ${pid}, GET ${origin}/health` });
    expect(report.checks).toMatchObject([
      { check: `process ${pid}`, passed: true },
      { check: `GET ${origin}/health`, passed: true },
    ]);

    await watched.control('health=503');
    const { cause } = await watched.next('unhealthy');
    const error = `GET ${origin}/health: it answered with status 503`;
    expect(cause).toMatchObject({ report: { passed: false, error } });
    await watched.next('health-checked');
    const { checks } = watched.sidecar.actor.getSnapshot().context.health;
    expect(checks).toMatchObject([
      { passed: true, failures: 0, lastError: null },
      { passed: false, passes: 0, lastError: 'it answered with status 503' },
    ]);
    expect(checks[0]?.passes).toBeGreaterThan(2);
    expect(checks[1]?.failures).toBeGreaterThan(1);

    await watched.control('health=ok');
    await watched.next('recovered');
    // What was wrong is still known.
    expect(watched.sidecar.actor.getSnapshot().context.health.checks).toMatchObject([
      { failures: 0, lastError: null },
      { passed: true, failures: 0, lastError: 'it answered with status 503' },
    ]);
    await watched.stopsCleanly();
  });

  it('fail with each that does, by its name', async () => {
    const watched = watch(config({ type: 'all', checks: [never, http] }, { health: '503' })).start();
    const { report } = await watched.next(
      'health-checked',
      (event) => !event.report.passed && event.report.error.includes('status 503'),
    );
    expect(report).toMatchObject({
      error: expect.stringMatching(
        /^a line that matches what it never prints: it has not printed such a line yet; GET .*: it answered with status 503$/,
      ),
    });
    await watched.stopsCleanly();
  });

  it('fail with one that can not be made, and the others are asked nevertheless', async () => {
    const liveness = { type: 'all' as const, checks: [http, alive] };
    const watched = watch({ ...config(liveness), endpoint: { from: 'notify' } }).start();
    const { report } = await watched.next('health-checked');
    expect(report.checks).toMatchObject([
      { passed: false, error: 'it has not said yet where it listens' },
      { passed: true },
    ]);
    expect(report.passed).toBe(false);
    await watched.stopsCleanly();
  });
});

describe('any of several checks', () => {
  it('may pass', async () => {
    const watched = await watch(config({ type: 'any', checks: [never, http] })).run();
    const { report } = await watched.next('health-checked');
    expect(report.check).toMatch(/^any of a line that matches what it never prints, GET /);
    expect(report.checks).toMatchObject([{ passed: false }, { passed: true }]);
    await watched.control('health=503');
    const { cause } = await watched.next('unhealthy');
    expect(cause).toMatchObject({ report: { error: expect.stringMatching(/ yet; GET .* 503$/) } });
    await watched.stopsCleanly();
  });
});
