import { describe, expect, it } from 'vitest';
import type { SidecarConfig } from '../../src/index.js';
import { serverConfig } from '../support/server-config.js';
import { watch } from '../support/watched-sidecar.js';
import { eventually } from '../support/within.js';
import { LookingOn, lookOn, pageOf } from './looking-on.js';

async function shown(inspect: SidecarConfig['inspect'] = true) {
  const watched = await watch(serverConfig({}, { inspect })).run();
  return { watched, viewer: await lookOn(watched.sidecar) };
}

describe('a viewer', () => {
  it('steers a sidecar, and is told why a command means nothing now', async () => {
    const { watched, viewer } = await shown();
    viewer.send('sidecar', { type: 'START' });
    expect(await viewer.next('service.refused')).toEqual({
      type: 'service.refused',
      id: null,
      reason: 'START means nothing in running',
    });
    viewer.send('sidecar', { type: 'RELOAD' });
    await watched.entered('restarting.recompiling');
    await watched.entered('running');
    viewer.send('sidecar', { type: 'RESTART' });
    await watched.entered('running');
    await viewer.next(
      'service.status',
      ({ status }) => status.state === 'running' && status['generation'] === 3,
    );
    viewer.send('sidecar', { type: 'STOP' });
    await watched.entered('stopped');
    const stopped = await viewer.next('service.status', ({ status }) => status.state === 'stopped');
    expect(stopped.commands).toMatchObject({ START: null, STOP: 'STOP means nothing in stopped' });
    viewer.send('sidecar', { type: 'START' });
    await watched.entered('running');
    await watched.stopsCleanly();
  });

  it('is understood when it wraps an event as XState 4 does', async () => {
    const { watched, viewer } = await shown();
    viewer.say({ type: 'xstate.inspecting' });
    viewer.send('sidecar', { name: 'STOP', data: { type: 'STOP' }, $$type: 'scxml', type: 'external' });
    await watched.entered('stopped');
    watched.leavesNothing();
  });

  it('asks what would be, and nothing is done', async () => {
    const { watched, viewer } = await shown();
    const ask = async (event: { type: string; delay?: string }) => {
      viewer.say({ type: 'sidecar.what-if', id: event.type, sessionId: 'sidecar', event });
      return viewer.next('service.what-if', ({ id }) => id === event.type);
    };
    expect((await ask({ type: 'STOP' })).answer).toEqual({
      ...watched.sidecar.whatIf({ type: 'STOP' }),
      transitions: [expect.objectContaining({ to: 'stopping.terminating' })],
    });
    expect((await ask({ type: 'START' })).answer).toMatchObject({ type: 'ignored' });
    expect((await ask({ type: 'after', delay: 'stableAfter' })).answer).toMatchObject({ type: 'taken' });
    // Also of an event that no viewer may send, as this one is not in development mode.
    viewer.say({
      type: 'sidecar.what-if',
      id: 'none',
      sessionId: 'sidecar',
      event: { type: 'nothing.of.the.kind' },
    });
    expect(await viewer.next('service.refused')).toMatchObject({
      id: 'none',
      reason: 'the chart has no event "nothing.of.the.kind"',
    });
    expect(watched.sidecar.status()).toMatchObject({ state: 'running', generation: 1 });
    await watched.stopsCleanly();
  });

  it('sends no other event, unless in development mode', async () => {
    const { watched, viewer } = await shown();
    const { generation } = watched.sidecar.status();
    viewer.send('sidecar', { type: 'client.idle', generation });
    expect((await viewer.next('service.refused')).reason).toMatch(
      /^only START, STOP, RESTART, RELOAD may be sent/,
    );
    expect(watched.sidecar.status().state).toBe('running');
    await watched.stopsCleanly();
  });

  it('sends any event of the chart in development mode, but none that would end the machine', async () => {
    const { watched, viewer } = await shown({ development: true });
    expect(viewer.all('service.hello')).toMatchObject([{ development: true, readOnly: false }]);
    for (const event of [
      { type: 'health.checked', generation: 1 },
      { type: 'xstate.init' },
      { type: 'xstate.after.stableAfter.sidecar.running' },
      { type: 'after', delay: 'stableAfter' },
      { type: '*' },
    ]) {
      viewer.send('sidecar', event);
      await viewer.next('service.refused');
    }
    expect(watched.sidecar.actor.getSnapshot().status).toBe('active');
    expect(watched.states().at(-1)).toBe('running');
    viewer.send('sidecar', { type: 'client.idle', generation: 1 });
    await watched.entered('stopped');
    expect(watched.sidecar.status().reason).toBe('idle');
    watched.leavesNothing();
  });

  it('only looks on in read-only mode', async () => {
    const { watched, viewer } = await shown({ readOnly: true, development: true });
    const readOnly = 'the inspector is read-only';
    expect(viewer.all('service.status')).toMatchObject([
      { commands: { START: readOnly, STOP: readOnly, RESTART: readOnly, RELOAD: readOnly } },
    ]);
    for (const type of ['START', 'STOP', 'RESTART', 'RELOAD', 'client.idle']) {
      viewer.send('sidecar', { type, generation: 1 });
      expect((await viewer.next('service.refused')).reason).toBe(readOnly);
    }
    viewer.say({ type: 'sidecar.what-if', id: '1', sessionId: 'sidecar', event: { type: 'STOP' } });
    expect((await viewer.next('service.what-if')).answer.type).toBe('taken');
    expect(watched.states().at(-1)).toBe('running');
    await watched.stopsCleanly();
  });
});

describe('what nobody understands', () => {
  it.each([
    ['no JSON', '{'],
    ['nothing', 'null'],
    ['another type', '{"type":"service.state"}'],
    [
      'a field too many',
      '{"type":"sidecar.what-if","id":"1","sessionId":"sidecar","event":{"type":"STOP"},"more":1}',
    ],
    ['an event that is none', '{"type":"xstate.event","service":"sidecar","event":"[]"}'],
    ['an event that is no JSON', '{"type":"xstate.event","service":"sidecar","event":"STOP"}'],
    ['another sidecar', '{"type":"xstate.event","service":"other","event":"{\\"type\\":\\"STOP\\"}"}'],
    [
      'a name that objects have',
      '{"type":"xstate.event","service":"__proto__","event":"{\\"type\\":\\"STOP\\"}"}',
    ],
    [
      'a command that objects have',
      '{"type":"xstate.event","service":"sidecar","event":"{\\"type\\":\\"constructor\\"}"}',
    ],
  ])('is refused, and nothing is done: %s', async (_, text) => {
    const { watched, viewer } = await shown({ development: true });
    viewer.say(text);
    expect((await viewer.next('service.refused')).reason).not.toBe('');
    expect(watched.states().at(-1)).toBe('running');
    await watched.stopsCleanly();
  });

  it('ends the connection of who says too much, at once or in all, or not in text', async () => {
    const { watched, viewer } = await shown();
    const page = await pageOf(watched.sidecar);
    viewer.say(JSON.stringify({ type: 'xstate.inspecting', more: 'x'.repeat(20_000) }));
    expect(await viewer.closed()).toBe(1009);

    const talking = new LookingOn(page);
    await talking.next('service.recent');
    for (let said = 0; said < 150; said += 1) talking.say({ type: 'xstate.inspecting' });
    expect(await talking.closed()).toBe(1008);

    const binary = new LookingOn(page);
    await binary.next('service.recent');
    binary.socket.send(Buffer.from('{"type":"xstate.inspecting"}'), { binary: true });
    expect(await binary.closed()).toBe(1008);

    const inspector = await watched.sidecar.inspector();
    await eventually(() => inspector?.viewers === 0, 'the end of all three');
    expect(watched.states().at(-1)).toBe('running');
    await watched.stopsCleanly();
  });
});
