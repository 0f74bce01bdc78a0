import { expect, it, onTestFinished } from 'vitest';
import type { HostMessage } from '../../src/inspect/messages.js';
import { Recent } from '../../src/inspect/recent.js';
import { type FeedOptions, SidecarFeed } from '../../src/inspect/sidecar-feed.js';
import { serverConfig } from '../support/server-config.js';
import { type WatchedSidecar, watch } from '../support/watched-sidecar.js';
import { eventually } from '../support/within.js';

function feedOf({ sidecar }: WatchedSidecar, options: Partial<FeedOptions> = {}) {
  const told: HostMessage[] = [];
  const faults: unknown[] = [];
  const counts = { pending: 0 };
  const feed = new SidecarFeed(
    { name: 'sidecar', sidecar, recent: new Recent(sidecar) },
    {
      refusal: () => null,
      tell: (message) => told.push(message),
      onPending: () => {
        counts.pending += 1;
      },
      onFault: (error) => faults.push(error),
      ...options,
    },
  );
  onTestFinished(() => feed.close());
  return { feed, told, faults, counts };
}

it('a fault of it does not become one of the sidecar', async () => {
  const watched = watch(serverConfig({}, { healthCheck: { interval: 50 }, resources: { interval: 500 } }));
  const { feed, faults } = feedOf(watched, {
    onPending: () => {
      throw new Error('a fault');
    },
  });
  feed.attach();
  await watched.run();
  await watched.next('health-checked');
  await eventually(() => watched.sidecar.status().resources !== null, 'a sample');
  process.kill(watched.pid, 'SIGKILL');
  await watched.entered('restarting.backingOff');
  await watched.entered('running');
  expect(watched.sidecar.actor.getSnapshot().status).toBe('active');
  expect(faults.length).toBeGreaterThan(5);
  await watched.stopsCleanly();
});

it('hears nothing while nobody looks on, and keeps what late ones are told', async () => {
  const watched = watch(serverConfig());
  const { feed, told, counts } = feedOf(watched);
  await watched.run();
  expect(feed.flush(performance.now())).toBe(false);
  expect({ told, counts }).toEqual({ told: [], counts: { pending: 0 } });

  feed.attach();
  await watched.sidecar.restart();
  expect(counts.pending).toBeGreaterThan(0);
  feed.flush(performance.now());
  expect(told.map(({ type }) => type)).toContain('service.transition');

  feed.detach();
  const before = { told: told.length, ...counts };
  await watched.sidecar.restart();
  feed.flush(performance.now());
  expect({ told: told.length, ...counts }).toEqual(before);
  const recent = feed.welcome().find(({ type }) => type === 'service.recent');
  expect(recent).toMatchObject({
    transitions: watched.states().map((to) => expect.objectContaining({ to })),
    lines: watched.lines().map((line) => expect.objectContaining({ line })),
  });
  await watched.stopsCleanly();
});

it('tells the others what waits before one more comes, who is not told of it twice', async () => {
  const watched = await watch(serverConfig()).run();
  const { feed, told } = feedOf(watched);
  feed.attach();
  await watched.sidecar.restart();
  await watched.next('output');
  const recent = feed.welcome().find(({ type }) => type === 'service.recent');
  expect(recent).toMatchObject({ transitions: { length: watched.states().length } });
  expect(told.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['service.transition', 'service.output']),
  );
  told.length = 0;
  feed.flush(performance.now());
  const again = told.filter(({ type }) => type === 'service.transition' || type === 'service.output');
  expect(again).toEqual([]);
  await watched.stopsCleanly();
});

it('tells at once when more has happened than it may keep', async () => {
  const watched = await watch(serverConfig()).run();
  const { feed, told } = feedOf(watched);
  feed.attach();
  const { actor } = watched.sidecar;
  for (let sent = 0; sent < 501; sent += 1) actor.send({ type: 'client.idle', generation: 0 });
  expect(told.filter(({ type }) => type === 'service.event')).toHaveLength(501);
  await watched.stopsCleanly();
});
