import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readLines } from '../../src/forst/read-lines.js';

async function* inPieces(text: string, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  for (const [index, end] of places.entries()) yield bytes.subarray(places[index - 1] ?? 0, end);
}

it('gives the same lines however they are cut', async () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'ü', '€', '😀', ' ') }).map((text) => `{${text}}`);
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.boolean(), fc.array(fc.nat()), async (lines, isEnded, cuts) => {
      const text = lines.join('\n') + (isEnded ? '\n' : '');
      const read = [];
      for await (const each of readLines(inPieces(text, cuts))) read.push(each);
      expect(read).toEqual(lines);
    }),
  );
});

it('leaves blank lines out', async () => {
  const read = [];
  for await (const each of readLines(inPieces('\n1\r\n  \n\n2\n', [3]))) read.push(each.trim());
  expect(read).toEqual(['1', '2']);
});

it('reads no more than is asked for', async () => {
  let taken = 0;
  async function* chunks() {
    for (;;) {
      taken += 1;
      yield Buffer.from('line\n');
    }
  }
  for await (const _line of readLines(chunks())) break;
  expect(taken).toBe(1);
});
