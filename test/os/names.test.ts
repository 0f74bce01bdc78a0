import { describe, expect, it } from 'vitest';
import { fingerprint } from '../../src/os/fingerprint.js';
import { uniqueId } from '../../src/os/unique-id.js';

describe('a fingerprint', () => {
  // The vectors of draft-eastlake-fnv.
  it.each([
    ['', 'cbf29ce484222325'],
    ['a', 'af63dc4c8601ec8c'],
    ['foobar', '85944171f73967e8'],
  ])('of %j is %s', (text, expected) => {
    expect(fingerprint(text)).toBe(expected);
  });

  it('has 16 digits whatever it is of', () => {
    for (let number = 0; number < 1000; number += 1)
      expect(fingerprint(`${number}`)).toMatch(/^[\da-f]{16}$/);
  });
});

describe('a unique id', () => {
  it('has 32 digits, and is not given twice', () => {
    const ids = Array.from({ length: 10_000 }, uniqueId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[\da-f]{32}$/);
  });
});
