import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { fingerprint } from '../../src/os/fingerprint.js';
import { uniqueId } from '../../src/os/unique-id.js';
import { program } from '../support/program.js';

const run = promisify(execFile);

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
  it('is not given twice', () => {
    const ids = Array.from({ length: 10_000 }, uniqueId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[\da-f-]{20,50}$/);
  });

  it('is another one in each process, even where chance is the same', async () => {
    const script = `import { uniqueId } from ${JSON.stringify(program('src/os/unique-id.ts'))}; console.log(uniqueId())`;
    const give = () => run(process.execPath, ['--random-seed=1', '--input-type=module', '-e', script]);
    const [one, other] = await Promise.all([give(), give()]);
    expect(one.stdout).not.toBe(other.stdout);
    expect(one.stdout.trim().split('-').at(-1)).toBe(other.stdout.trim().split('-').at(-1));
  });
});
