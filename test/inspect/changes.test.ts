import { expect, it, onTestFinished } from 'vitest';
import { createFleet, createSidecar, resolveConfig } from '../../src/index.js';
import { Service } from '../../src/service/service.js';
import { serverConfig } from '../support/server-config.js';
import { eventually, within } from '../support/within.js';
import { LookingOn, lookOn, pageOf } from './looking-on.js';

const kept = { ...serverConfig(), stateDirectory: null };
const other = { ...serverConfig({ body: 'other' }), stateDirectory: null };

it('a fleet with another configuration is shown as it is then, to those who look on and to those who come', async () => {
  const fleet = createFleet<string>({ sidecars: { kept, gone: kept, changed: kept }, inspect: true });
  onTestFinished(() => fleet[Symbol.asyncDispose]());
  await within(fleet.start(), () => 'running');
  const viewer = await lookOn(fleet, 3);
  await within(
    fleet.apply({ sidecars: { kept, changed: other, added: kept }, inspect: true }),
    () => 'the change',
  );
  for (const name of ['changed', 'added']) {
    await eventually(
      () =>
        viewer
          .all('service.transition')
          .some(({ sessionId, transition }) => sessionId === name && transition.to === 'running'),
      `${name} to be seen running`,
    );
  }
  expect(
    viewer
      .all('service.stop')
      .map(({ sessionId }) => sessionId)
      .toSorted(),
  ).toEqual(['changed', 'gone']);
  expect(viewer.all('service.register').map(({ sessionId }) => sessionId)).toEqual([
    ...['kept', 'gone', 'changed'],
    ...['changed', 'added'],
  ]);
  viewer.send('gone', { type: 'START' });
  expect((await viewer.next('service.refused')).reason).toBe('there is no sidecar "gone"');
  viewer.send('added', { type: 'STOP' });
  await viewer.next('service.transition', ({ sessionId, transition }) => {
    return sessionId === 'added' && transition.to === 'stopped';
  });
  const late = await lookOn(fleet, 3);
  expect(late.all('service.register').map(({ sessionId }) => sessionId)).toEqual([
    'kept',
    'changed',
    'added',
  ]);
});

it('a service with another configuration of its sidecar is found at the same address again', async () => {
  const config = { ...serverConfig({}, { name: 'api', inspect: true }), stateDirectory: null };
  const sidecar = createSidecar(config);
  const next = resolveConfig({ ...config, process: other.process });
  const service = new Service(sidecar, { readConfig: async () => ({ kind: 'sidecar', config: next }) });
  onTestFinished(async () => {
    await service.stop();
    for (const member of service.members) await member.sidecar[Symbol.asyncDispose]();
  });
  await within(sidecar.start(), () => 'running');
  const page = await pageOf(sidecar);
  const viewer = await lookOn(sidecar);
  await within(service.apply(), () => 'the change');
  expect(await viewer.closed()).toBe(1001);
  const back = new LookingOn(page);
  await back.next('service.recent');
  const [now] = service.members;
  expect(back.all('service.status')).toMatchObject([{ status: { pid: now?.sidecar.status().pid } }]);
});
