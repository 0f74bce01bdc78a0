import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readJournal } from '../../src/journal/read-journal.js';
import { replay } from '../../src/journal/replay.js';
import { SidecarJournal } from '../../src/journal/sidecar-journal.js';
import { StateDirectory } from '../../src/state/state-directory.js';
import { World } from '../explore/world.js';
import { tempFolder } from '../support/temp-folder.js';

const tick = () => new Promise(setImmediate);

describe('a journal of many files', () => {
  it('is replayed from the first checkpoint that is left', async () => {
    const folder = await tempFolder();
    const journal = new SidecarJournal(
      { maxBytes: 20_000, files: 3 },
      new StateDirectory(folder),
      (error) => {
        throw new Error(error);
      },
    );
    const world = new World(
      { compile: 'none', process: { maxRestarts: 10_000, restartDelay: 0, restartJitter: 0.5 } },
      { hear: (event, context) => journal.hear(event, context), random: Math.random },
    );
    for (let life = 0; life < 100; life += 1) {
      world.starts().check(true, true, true).exits().advance(1);
      if (life % 3 === 0) await tick();
    }
    await journal.close();

    const path = join(folder, 'journal.jsonl');
    expect(readdirSync(folder).toSorted()).toEqual(['journal.jsonl', 'journal.jsonl.1', 'journal.jsonl.2']);
    const read = await readJournal(path);
    expect(read.unreadable).toBe(0);
    // In order, without a hole.
    const numbers = read.entries.map(({ n }) => n);
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
    expect(numbers[0]).toBeGreaterThan(1);
    const result = replay(read);
    expect(result).toMatchObject({ difference: null, sessions: 1 });
    expect(result.transitions).toBeGreaterThan(15);
    expect(result.skipped).toBeLessThan(numbers.length / 3);
  });
});
