import { expect, it } from 'vitest';
import { LineRing } from '../../src/output/line-ring.js';
import type { RecentLine } from '../../src/service/recent-lines.js';

function ringOf(count: number, text: (number: number) => string): LineRing<RecentLine> {
  const ring = new LineRing<RecentLine>();
  for (let number = 1; number <= count; number += 1) {
    ring.add({ time: number, source: 'process', line: text(number) });
  }
  return ring;
}

it('has the last lines that were asked for, oldest first', () => {
  const ring = ringOf(5, String);
  expect(ring.last(2).map(({ line }) => line)).toEqual(['4', '5']);
  expect(ring.last(100)).toHaveLength(5);
  expect(new LineRing<RecentLine>().last(3)).toEqual([]);
});

it.each([999, 1000, 1001, 2500, 12_345])('of %i short lines it keeps 1000 at most', (count) => {
  const kept = ringOf(count, String).last(20_000);
  expect(kept).toHaveLength(Math.min(count, 1000));
  expect(kept.at(-1)?.time).toBe(count);
  expect(kept[0]?.time).toBe(Math.max(1, count - 999));
});

it('of long lines it keeps 64 Ki characters, and none of one that is longer', () => {
  const kept = ringOf(5000, () => 'x'.repeat(1024)).last(20_000);
  expect(kept).toHaveLength(64);
  expect(kept.at(-1)?.time).toBe(5000);
  expect(ringOf(3, () => 'x'.repeat(64 * 1024 + 1)).last(10)).toEqual([]);
});
