import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { MAX_LINE_LENGTH } from '../../src/output/lines.js';
import { Host } from '../support/run-host.js';
import { serverConfig } from '../support/server-config.js';
import { watch } from '../support/watched-sidecar.js';

const MB = 1_000_000;
const result = z.object({ received: z.number(), grownMB: z.number() });

/** What a host of its own received of a flood, and by how much it grew. */
async function flooded(bytes: number) {
  const host = new Host('flood-host', [String(bytes)]);
  const said = result.parse(JSON.parse(await host.said('result: ')));
  expect(await host.exited()).toEqual({ code: 0, signal: null });
  // The tail is cut line by line.
  expect(Number(await host.said('tail: '))).toBeLessThan(100_000);
  return said;
}

describe('a flood of output', () => {
  it('of 100 MB without a newline costs the host less than 50 MB', async () => {
    const grown: number[] = [];
    // When the garbage collector runs is chance, which can only add; reading alone takes about 35 MB of buffers.
    while (grown.length < 8 && !grown.some((each) => each < 50)) {
      const { received, grownMB } = await flooded(100 * MB);
      expect(received).toBeLessThan(3 * MAX_LINE_LENGTH);
      grown.push(grownMB);
    }
    console.log(`The host grew by ${grown.map((each) => each.toFixed(1)).join(', ')} MB.`);
    expect(Math.min(...grown)).toBeLessThan(50);
  });

  it('of short lines leaves the host its turns', async () => {
    const count = 100_000;
    const watched = await watch(serverConfig({ floodLines: count })).run();
    let turns = 0;
    let isFlooding = true;
    const countTurns = () => {
      turns += 1;
      if (isFlooding) setImmediate(countTurns);
    };
    countTurns();
    const before = watched.lines().length;
    await watched.printed(`flood line ${count}`);
    isFlooding = false;
    // However many lines came at once: no more than a few hundred were passed on in one turn.
    expect((watched.lines().length - before) / turns).toBeLessThan(1000);
    await watched.stopsCleanly();
  });

  it('of many lines arrives whole and in order, and does not hold up the checks', async () => {
    const count = 50_000;
    const watched = await watch(serverConfig({ floodLines: count })).run();
    await watched.printed(`flood line ${count}`);
    const lines = watched.lines().filter((line) => line.startsWith('flood'));
    expect(lines).toHaveLength(count);
    expect(lines.every((line, index) => line === `flood line ${index + 1}`)).toBe(true);
    await watched.stopsCleanly();
  });
});
