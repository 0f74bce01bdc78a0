import { describe, expect, it } from 'vitest';
import { ServiceControl } from '../../src/control.js';
import { eventually } from '../support/within.js';
import { sidecar } from './command.js';
import { fleetFolder, runService } from './service-folder.js';
import { SidecarTerminal, whyNoTerminal } from './terminal.js';

const why = whyNoTerminal();
if (why !== null) console.log(`Not tested here: sidecar top in a terminal; ${why}.`);

const ENTER = '\u001b[?1049h';
const LEAVE = '\u001b[?1049l';
const DOWN = '\u001b[B';

it('sidecar top takes a terminal, and says so', async () => {
  const { code, stderr } = await sidecar(await fleetFolder(), 'top');
  expect(code).toBe(2);
  expect(stderr).toContain('top takes a terminal');
});

describe.skipIf(why !== null)('sidecar top in a terminal', () => {
  it('shows the sidecars, steers them by keys, and leaves the terminal as it was', async () => {
    const folder = await fleetFolder();
    const service = await runService(folder);
    const control = new ServiceControl({ config: `${folder}/sidecar.config.json` });
    const top = new SidecarTerminal(folder, 'top');
    await top.shows(/› db +running/);
    await top.shows(/3 of 3 running/);

    const before = (await control.sidecar('api-1')).generation;
    top.type(`${DOWN}r`);
    await top.shows(/restart api-1: done/);
    expect((await control.sidecar('api-1')).generation).toBe(before + 1);

    top.type(`${DOWN}s`);
    await top.shows(/stop api-2: done/);
    await top.shows(/api-2 +stopped \(requested\)/);

    top.type('l');
    await top.shows(/log of api-2[\s\S]*listening on/);
    top.type('q');
    await top.shows(/› api-2/, top.raw.length);
    top.type('q');
    expect(await top.ended()).toBe(0);
    expectLeft(top);
    expect((await control.status()).isStopping).toBe(false);
    service.signal('SIGINT');
    expect((await service.ended()).code).toBe(0);
  });

  it('leaves it when it is told to end, and when the service has ended, which it says', async () => {
    const folder = await fleetFolder();
    const service = await runService(folder);
    const first = new SidecarTerminal(folder, 'top');
    await first.shows(/› db +running/);
    process.kill(await first.pid(), 'SIGTERM');
    expect(await first.ended()).toBe(0);
    expectLeft(first);

    const second = new SidecarTerminal(folder, 'top');
    await second.shows(/› db +running/);
    service.signal('SIGINT');
    expect(await second.ended()).toBe(0);
    expectLeft(second);
    expect(second.raw.slice(second.raw.lastIndexOf(LEAVE))).toContain('The service has ended.');
    await eventually(() => service.lines.some((line) => /fleet +stopped/.test(line)), 'the end of the fleet');
  });
});

/** The screen of before, with its cursor. */
function expectLeft({ raw }: SidecarTerminal): void {
  expect(raw.split(ENTER)).toHaveLength(2);
  expect(raw.split(LEAVE)).toHaveLength(2);
  expect(raw.indexOf(LEAVE)).toBeGreaterThan(raw.indexOf(ENTER));
  expect(raw.lastIndexOf('\u001b[?25h')).toBeGreaterThan(raw.lastIndexOf('\u001b[?25l'));
}
