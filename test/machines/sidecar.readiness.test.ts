import { describe, expect, it } from 'vitest';
import { announced, endpointOf, handed, healthReport, noticed, statusNotice } from '../explore/reports.js';
import { World } from '../explore/world.js';

const checking = { readiness: { type: 'http', failureThreshold: 2, successThreshold: 2 } } as const;
const healthy = (healthCheck = {}) => new World({ healthCheck }).compiles().starts().check(true);

describe('readiness', () => {
  it('is not checked by default: what is healthy is ready', () => {
    const world = new World().compiles();
    expect(world.context.readiness.isReady).toBe(false);
    expect(world.starts().context.readiness).toMatchObject({ isReady: true, last: null });
    expect(world.check(true).send('STOP').context.readiness.isReady).toBe(false);
  });

  it('opens the way for requests by its own thresholds, and closes it, without leaving running', () => {
    const world = healthy(checking);
    const ways: boolean[] = [world.context.readiness.isReady];
    for (const passed of [true, true, false, false, true, true]) {
      ways.push(world.checkReadiness(passed).context.readiness.isReady);
    }
    expect(ways).toEqual([false, false, true, true, false, false, true]);
    expect(world.state).toBe('running');
    expect(world.emittedOf('readiness-checked')).toHaveLength(6);
    expect(world.emittedOf('ready')).toEqual([
      { type: 'ready', generation: 1 },
      { type: 'ready', generation: 1 },
    ]);
    expect(world.emittedOf('not-ready')).toEqual([
      { type: 'not-ready', generation: 1, report: healthReport(false, 'GET /ready') },
    ]);
  });

  it('never restarts, however long it fails', () => {
    const world = healthy(checking).checkReadiness(...Array<boolean>(50).fill(false));
    expect(world.advance(1_000_000).state).toBe('running');
    expect(world.ordered).toEqual(['process.spawn']);
  });

  it('begins anew with the next process', () => {
    const world = healthy(checking).checkReadiness(true, true).exits().advance(5000).starts();
    expect(world.context.readiness).toEqual({
      passes: 0,
      failures: 0,
      failedAt: [],
      last: null,
      checks: [],
      isReady: false,
    });
  });

  it.each([
    ['whose end is decided', (world: World) => world.send('STOP')],
    ['that has ended', (world: World) => world.exits()],
  ])('is not counted for a process %s', (_, end) => {
    const world = healthy(checking);
    const before = end(world).context.readiness;
    world.checkReadiness(true, true);
    expect(world.context.readiness).toBe(before);
    expect(world.emittedOf('ready')).toEqual([]);
  });
});

describe('what a process tells of itself', () => {
  it('in words is kept', () => {
    const world = healthy().report(statusNotice(1));
    expect(world.context.process).toMatchObject({ statusText: 'words of 1' });
    expect(world.emittedOf('status-text')).toEqual([
      { type: 'status-text', generation: 1, text: 'words of 1' },
    ]);
  });

  it('for its checks is passed on to them', () => {
    const [ready, watchdog] = [{ type: 'ready' }, { type: 'watchdog' }] as const;
    const world = new World().compiles().starts().report(noticed(1, ready)).report(noticed(1, watchdog));
    expect([...world.healthWatchers].flatMap(({ told }) => told)).toEqual([
      { type: 'health.notice', notice: ready },
      { type: 'health.notice', notice: watchdog },
    ]);
  });

  it('about where it listens replaces what was known, and is passed on to its checks', () => {
    const world = new World().compiles().starts().report(announced(1));
    expect(world.context.process?.endpoint).toEqual(endpointOf(1));
    expect([...world.healthWatchers].flatMap(({ told }) => told)).toEqual([
      { type: 'health.endpoint', endpoint: endpointOf(1) },
    ]);
    expect(world.emittedOf('endpoint-announced')).toHaveLength(1);
  });

  it('about where it listens, and can not be understood, is a warning, and what the checks say', () => {
    const unusable = { type: 'endpoint.unusable', generation: 1, error: 'no port in it' } as const;
    const world = new World().compiles().starts().report(unusable);
    expect(world.emittedOf('warning')).toEqual([{ type: 'warning', message: 'no port in it' }]);
    expect([...world.healthWatchers].flatMap(({ told }) => told)).toEqual([
      { type: 'health.notice', notice: { type: 'unusable-endpoint', error: 'no port in it' } },
    ]);
  });

  it('in secret is kept where nothing writes it down', () => {
    const world = healthy().report(handed(1));
    expect(world.context.process?.handoff?.reveal()).toBe('secret of 1');
    expect(JSON.stringify([world.context, world.emitted, world.transitions])).not.toContain('secret of 1');
  });

  it('is gone with it', () => {
    const world = healthy().report(announced(1)).report(statusNotice(1)).report(handed(1));
    world.exits().advance(5000).starts();
    expect(world.context.process).toMatchObject({ generation: 2, statusText: null, handoff: null });
    expect(world.context.process?.endpoint).not.toEqual(endpointOf(1));
  });
});

it('what the circuit breaker of the client does is known, and told', () => {
  const world = healthy().report({ type: 'client.circuit', state: 'open' });
  expect(world.context.circuit).toBe('open');
  expect(world.emittedOf('circuit')).toEqual([{ type: 'circuit', state: 'open' }]);
  expect(world.state).toBe('running');
});
