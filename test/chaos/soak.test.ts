import { describe, expect, it } from 'vitest';
import { canListProcesses } from '../support/processes.js';
import { Host } from '../support/run-host.js';

/** What the host says that it holds; see test/support/hosts/soak-host.ts. */
interface Held {
  readonly heapMB: number;
  readonly descriptors: number;
  readonly crashes: number;
  readonly lines: number;
}

const [SIDECARS, SECONDS] = [10, 12];

describe.skipIf(!canListProcesses)('a host of many sidecars that crash all the time (needs /proc)', () => {
  it('holds no more after a while than at first', async () => {
    const host = new Host('soak-host', [String(SIDECARS), String(SECONDS)]);
    await host.said('stopped', 170_000);
    const held = host.lines.filter((line) => line.startsWith('held: ')).map(parseHeld);
    const [first, , , last] = held;
    if (first === undefined || last === undefined) throw new Error(`it said:\n${host.lines.join('\n')}`);
    console.log(
      `Soak: ${SIDECARS} sidecars, ${SECONDS} s, ${last.crashes} crashes, ${last.lines} lines; ` +
        `heap ${first.heapMB} → ${last.heapMB} MB, ${first.descriptors} → ${last.descriptors} descriptors.`,
    );
    expect(last.crashes).toBeGreaterThan(first.crashes);
    // A connection more or less may be kept alive.
    expect(Math.abs(last.descriptors - first.descriptors)).toBeLessThanOrEqual(3);
    // Histories fill up to their bounds.
    expect(last.heapMB - first.heapMB).toBeLessThan(4);
  }, 180_000);
});

function parseHeld(line: string): Held {
  const held: Held = JSON.parse(line.slice('held: '.length));
  return held;
}
