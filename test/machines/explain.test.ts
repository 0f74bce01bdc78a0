import { describe, expect, it } from 'vitest';
import { explainEndpoint, explainTransition } from '../../machines/explain.js';
import type { Endpoint } from '../../machines/sidecar.types.js';
import type { ChartConfig } from '../explore/chart.js';
import { spawned } from '../explore/reports.js';
import { World } from '../explore/world.js';

const healthy = (config: ChartConfig = {}) => new World(config).compiles().starts().check(true);

/** The last transitions of a life in words. */
const told = ({ transitions }: World, count: number) => transitions.slice(-count).map(explainTransition);

describe('a transition in words', () => {
  it('tells of a lazy sidecar and its first request', () => {
    expect(told(new World({ lazy: true }).send('client.requested'), 2)).toEqual([
      'it starts with the first request',
      'a request came',
    ]);
  });

  it('tells of an idle stop, and how long nothing came', () => {
    expect(told(healthy({ idleTimeout: 600_000 }).idles().exits(), 2)).toEqual([
      'nothing used it for 10 min',
      'nothing used it; it starts again with the next request',
    ]);
  });

  it('says that it was requested when a STOP came meanwhile', () => {
    expect(told(healthy().idles().send('STOP').exits(), 1)).toEqual(['as requested']);
  });

  it.each<[string, Endpoint | null]>([
    ['process 1001 was started, and has yet to say where it listens', null],
    ['/lib/sum.so was loaded', { transport: 'direct', library: '/lib/sum.so' }],
    ['process 1001 was started for http://[::1]:80', { transport: 'http', host: '::1', port: 80 }],
    ['process 1001 was started for /run/x.sock', { transport: 'ipc', socketPath: '/run/x.sock' }],
  ])('says "%s"', (words, endpoint) => {
    const world = new World({ compile: 'none' }).report(spawned(1, endpoint));
    expect(told(world, 1)).toEqual([words]);
  });
});

describe('an endpoint in words', () => {
  it.each<[string, Endpoint]>([
    ['http://127.0.0.1:80', { transport: 'http', host: '127.0.0.1', port: 80 }],
    ['/run/x.sock', { transport: 'ipc', socketPath: '/run/x.sock' }],
    ['/lib/sum.so', { transport: 'direct', library: '/lib/sum.so' }],
  ])('is %s', (words, endpoint) => expect(explainEndpoint(endpoint)).toBe(words));
});
