import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel';
import { expect, it, onTestFinished } from 'vitest';
import type { SidecarEmitted, SidecarRequestMessage } from '../../src/index.js';
import { echoConfig } from '../support/echo-config.js';
import { rejection } from '../support/outcome.js';
import { watch } from '../support/watched-sidecar.js';

function listen(type: SidecarEmitted['type']): unknown[] {
  const messages: unknown[] = [];
  const listener = (message: unknown) => messages.push(message);
  subscribe(`sidecar-machine:${type}`, listener);
  onTestFinished(() => void unsubscribe(`sidecar-machine:${type}`, listener));
  return messages;
}

it('each event of a sidecar is published on a channel of its name', async () => {
  const [transitions, spawned, deaths, checks] = [
    listen('transition'),
    listen('spawned'),
    listen('process-death'),
    listen('health-checked'),
  ];
  const watched = await watch(echoConfig({ name: 'channels' })).run();
  process.kill(watched.pid, 'SIGKILL');
  await watched.next('healthy');
  await watched.stopsCleanly();
  const published = (events: SidecarEmitted[]) => events.map((event) => ({ sidecar: 'channels', event }));
  expect(transitions).toEqual(published(watched.all('transition')));
  expect(spawned).toEqual(published(watched.all('spawned')));
  expect(deaths).toEqual(published(watched.all('process-death')));
  expect(checks).toEqual(published(watched.all('health-checked')));
  expect(deaths).toHaveLength(1);
});

it('requests are traced from their start to the headers of the answer, or the error', async () => {
  const seen: [string, SidecarRequestMessage][] = [];
  const channel = tracingChannel<unknown, SidecarRequestMessage>('sidecar-machine:request');
  const note = (at: string) => (message: SidecarRequestMessage) => void seen.push([at, { ...message }]);
  const subscribers = {
    start: note('start'),
    end: note('end'),
    asyncStart: note('asyncStart'),
    asyncEnd: note('asyncEnd'),
    error: note('error'),
  };
  const watched = await watch(echoConfig({ name: 'traced' })).run();
  await (await watched.sidecar.fetch('/about')).text();
  channel.subscribe(subscribers);
  onTestFinished(() => void channel.unsubscribe(subscribers));

  const answer = await watched.sidecar.request({ path: '/about?x=1' });
  expect(await answer.body.json()).toMatchObject({ method: 'GET', url: '/about?x=1' });
  await rejection(watched.sidecar.fetch('/crash', { method: 'POST', body: 'x' }));
  const request = { sidecar: 'traced', method: 'GET', path: '/about?x=1' };
  expect(seen.slice(0, 4)).toEqual([
    ['start', request],
    ['end', request],
    ['asyncStart', { ...request, result: answer }],
    ['asyncEnd', { ...request, result: answer }],
  ]);
  expect(seen.slice(4).map(([at]) => at)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
  expect(seen.at(-1)?.[1]).toMatchObject({
    method: 'POST',
    path: '/crash',
    error: { name: 'SidecarDiedError' },
  });
});
