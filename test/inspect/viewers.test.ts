import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { serverConfig } from '../support/server-config.js';
import { watchFleet } from '../support/watched-fleet.js';
import { watch } from '../support/watched-sidecar.js';
import { eventually, within } from '../support/within.js';
import { LookingOn, lookOn, pageOf } from './looking-on.js';

const shown = { inspect: true, healthCheck: { interval: 50 }, resources: { interval: 500 } };

const state = z.looseObject({
  value: z.unknown(),
  context: z.looseObject({ generation: z.int() }),
  _event: z.looseObject({ name: z.string(), data: z.looseObject({ type: z.string() }) }),
});

describe('one that looks on', () => {
  it('and comes late is told how things are and what was before', async () => {
    const watched = await watch(serverConfig({}, shown)).run();
    process.kill(watched.pid, 'SIGKILL');
    await watched.entered('restarting.backingOff');
    await watched.entered('running');
    await watched.next('health-checked');
    await eventually(() => watched.sidecar.status().resources !== null, 'a sample');

    const viewer = await lookOn(watched.sidecar);
    expect(viewer.messages.map(({ type }) => type).slice(0, 4)).toEqual([
      'service.hello',
      'service.register',
      'service.status',
      'service.recent',
    ]);
    const [hello] = viewer.all('service.hello');
    expect(hello).toMatchObject({ title: 'sidecar', readOnly: false, development: false });
    expect(hello?.version).toMatch(/^\d+\.\d+\.\d+/);
    const [register] = viewer.all('service.register');
    const registered = state.parse(JSON.parse(register?.state ?? ''));
    expect(registered).toMatchObject({
      value: 'running',
      context: { generation: 2, config: { name: 'sidecar' } },
    });
    const [status] = viewer.all('service.status');
    expect(status).toMatchObject({
      status: { state: 'running', generation: 2, pid: watched.pid },
      commands: { START: expect.stringContaining('nothing'), STOP: null, RESTART: null, RELOAD: null },
      command: expect.stringContaining(process.execPath),
      limits: { max: { memoryMB: watched.sidecar.config.resources.maxMemoryMB } },
    });
    const [recent] = viewer.all('service.recent');
    expect(recent?.transitions.map(({ to }) => to)).toEqual(watched.states());
    expect(recent?.transitions.at(-1)).toMatchObject({
      to: 'running',
      delay: { name: 'stableAfter', after: watched.sidecar.config.process.stableAfter },
      context: { generation: 2 },
    });
    const backoff = recent?.transitions.find(({ to }) => to === 'restarting.backingOff');
    expect(backoff).toMatchObject({
      explanation: expect.stringContaining('restart 1 of'),
      delay: { name: 'backoff' },
    });
    expect(recent?.healths.length).toBeGreaterThan(0);
    expect(recent?.samples.length).toBeGreaterThan(0);
    expect(recent?.lines.map(({ line }) => line)).toEqual(watched.lines());
    await watched.stopsCleanly();
  });

  it('before the first start sees it stopped, and all that follows', async () => {
    const watched = watch(serverConfig({}, shown));
    const viewer = await lookOn(watched.sidecar);
    const [register] = viewer.all('service.register');
    expect(JSON.parse(register?.state ?? '')).toMatchObject({ value: 'stopped' });
    expect(viewer.all('service.status')).toMatchObject([
      { status: { state: 'stopped', since: null }, commands: { START: null } },
    ]);
    await watched.run();
    await viewer.next('service.transition', ({ transition }) => transition.to === 'running');
    expect(viewer.all('service.transition').map(({ transition }) => transition.to)).toEqual(watched.states());
    await watched.stopsCleanly();
  });

  it('sees each transition, state, event, check, sample and line, once', async () => {
    const watched = await watch(serverConfig({}, shown)).run();
    const viewer = await lookOn(watched.sidecar);
    const seen = watched.states().length;
    process.kill(watched.pid, 'SIGKILL');
    await watched.entered('restarting.backingOff');
    await viewer.next(
      'service.event',
      ({ event }) => z.looseObject({ name: z.string() }).parse(JSON.parse(event)).name === 'process.exited',
    );
    const { transition } = await viewer.next(
      'service.transition',
      (message) => message.transition.to === 'restarting.backingOff',
    );
    expect(transition.delay?.endsAt).toBe(transition.time + (transition.delay?.after ?? 0));
    await watched.entered('running');
    await viewer.next(
      'service.state',
      (message) => state.parse(JSON.parse(message.state)).value === 'running',
    );
    await viewer.next('service.health', ({ healthy }) => healthy);
    await viewer.next('service.sample', ({ memoryMB }) => memoryMB > 0);
    await viewer.next('service.status', ({ status }) => status.state === 'running');
    await watched.stopsCleanly();
    await viewer.next('service.transition', (message) => message.transition.to === 'stopped');
    expect(viewer.all('service.transition').map((message) => message.transition.to)).toEqual(
      watched.states().slice(seen),
    );
    await eventually(() => viewer.lines().length >= watched.lines().length, 'all lines');
    expect(viewer.lines()).toEqual(watched.lines());
  });

  it('beside another sees the same, and the one that goes does not take it along', async () => {
    const watched = await watch(serverConfig({}, shown)).run();
    const [first, second] = [await lookOn(watched.sidecar), await lookOn(watched.sidecar)];
    const inspector = await watched.sidecar.inspector();
    expect(inspector?.viewers).toBe(2);
    await watched.sidecar.restart();
    const restarted = [first, second].map((viewer) =>
      viewer.next('service.transition', ({ transition }) => transition.to === 'running'),
    );
    const [one, two] = await Promise.all(restarted);
    expect(one).toEqual(two);
    first.socket.close();
    await eventually(() => inspector?.viewers === 1, 'the end of the first');
    await watched.stopsCleanly();
    await second.next('service.transition', ({ transition }) => transition.to === 'stopped');
    second.socket.close();
    await eventually(() => inspector?.viewers === 0, 'the end of the second');
    await watched.run();
    const third = await lookOn(watched.sidecar);
    expect(third.all('service.recent')[0]?.transitions.map(({ to }) => to)).toEqual(watched.states());
    await watched.stopsCleanly();
  });

  it('is told that a sidecar is given up, and let go', async () => {
    const watched = await watch(serverConfig({}, shown)).run();
    const viewer = await lookOn(watched.sidecar);
    const page = await pageOf(watched.sidecar);
    await watched.sidecar[Symbol.asyncDispose]();
    expect(await viewer.closed()).toBe(1001);
    expect(viewer.all('service.stop')).toEqual([{ type: 'service.stop', sessionId: 'sidecar' }]);
    expect(viewer.all('service.transition').at(-1)?.transition.to).toBe('stopped');
    const late = new LookingOn(page);
    expect(await late.closed()).toBe(1006);
  });

  it('comes back after the sidecar is started anew at the same place', async () => {
    const config = { ...shown, inspect: { port: 0, token: 'the-same-token-again' } };
    const before = await watch(serverConfig({}, config)).run();
    const { port } = await pageOf(before.sidecar);
    const viewer = await lookOn(before.sidecar);
    await before.sidecar[Symbol.asyncDispose]();
    await viewer.closed();
    const again = { ...config.inspect, port: Number(port) };
    const after = await watch(serverConfig({}, { ...shown, inspect: again })).run();
    const back = await lookOn(after.sidecar);
    expect(back.socket.url).toBe(viewer.socket.url);
    expect(back.all('service.status')).toMatchObject([{ status: { pid: after.pid } }]);
    await after.stopsCleanly();
  });
});

describe('a fleet', () => {
  it('is shown on one page, each of its sidecars by its name', async () => {
    const { fleet } = await watchFleet((env) => {
      const config = serverConfig({}, { process: { env } });
      return {
        sidecars: { db: config, api: { ...config, instances: 2, dependsOn: { db: 'healthy' } } },
        inspect: true,
      };
    }).run();
    const viewer = await lookOn(fleet, 3);
    expect(viewer.all('service.hello')).toMatchObject([{ title: 'db, api' }]);
    expect(viewer.all('service.register').map(({ sessionId }) => sessionId)).toEqual([
      'db',
      'api-1',
      'api-2',
    ]);
    viewer.send('api-2', { type: 'RESTART' });
    const { sessionId } = await viewer.next(
      'service.transition',
      ({ transition }) => transition.to === 'running',
    );
    expect(sessionId).toBe('api-2');
    await within(fleet.stop(), () => 'the end of the fleet');
    await eventually(
      () =>
        viewer.all('service.transition').filter(({ transition }) => transition.to === 'stopped').length === 3,
      'the end of each',
    );
  });
});
