import type { Journal } from '../../src/journal/format.js';
import { JournalLines } from '../../src/journal/journal-lines.js';
import { parseJournal } from '../../src/journal/parse-journal.js';
import type { ChartConfig } from './chart.js';
import { World, type WorldOptions } from './world.js';

/** A world whose machine is journalled, as a real one is, into memory. */
export class JournalledWorld extends World {
  readonly #lines: JournalLines;
  readonly written: string[] = [];

  constructor(config: ChartConfig = {}, options: WorldOptions = {}, checkpointAfter = 50_000) {
    const lines = new JournalLines(checkpointAfter);
    super(config, { ...options, hear: (event, context) => lines.hear(event, context) });
    this.#lines = lines;
  }

  /** What was written by now, as after a kill of the host. */
  journal(): Journal {
    return parseJournal(this.text());
  }

  text(): string {
    this.written.push(...this.#lines.take());
    return this.written.join('\n');
  }
}
