import { expect, it } from 'vitest';
import { Host } from '../support/run-host.js';
import { LookingOn } from './looking-on.js';

it.each([
  ['start', 'first start'],
  ['lazy', 'first request'],
])(
  'a program says with the %s where its sidecar is shown, and ends though somebody looks on',
  async (how) => {
    const host = new Host('inspected-host', [how]);
    const page = new URL(await host.said('sidecar: the inspector of shown: '));
    await host.said('running');
    const viewer = new LookingOn(page);
    await viewer.next('service.recent');
    viewer.send('shown', { type: 'STOP' });
    await viewer.next('service.transition', ({ transition }) => transition.to === 'stopped');
    expect(await host.exited()).toEqual({ code: 0, signal: null });
    expect(host.lines.filter((line) => line.startsWith('sidecar: '))).toHaveLength(1);
  },
);
