import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findControlGroups } from './control-group-path.js';

/** How often the kernel has killed for want of memory, by the nearest file that counts it. */
export class OomKills {
  /** The file. */
  readonly counter: string;
  readonly #before: number;

  private constructor(counter: string, before: number) {
    this.counter = counter;
    this.#before = before;
  }

  /**
   * Counts from now on; null where nothing is counted.
   *
   * @param group the folder of a control group; by default that of this process, which a child inherits
   */
  static watch(group?: string): OomKills | null {
    if (process.platform !== 'linux') return null;
    const files = group === undefined ? inheritedCounters() : [join(group, 'memory.events')];
    for (const counter of files) {
      const before = read(counter);
      if (before !== null) return new OomKills(counter, before);
    }
    return null;
  }

  /** Whether there was one since. */
  haveRisen(): boolean {
    const now = read(this.counter);
    return now !== null && now > this.#before;
  }
}

function inheritedCounters(): string[] {
  const { unified, memoryV1 } = findControlGroups();
  return [
    ...(unified === null ? [] : [join(unified.path, 'memory.events')]),
    ...(memoryV1 === null ? [] : [join(memoryV1.path, 'memory.oom_control')]),
    // Of the whole system.
    '/proc/vmstat',
  ];
}

/** All three have the same line. Null where the file, or the line, is not there. */
function read(file: string): number | null {
  try {
    const [, count = null] = /^oom_kill (\d+)$/m.exec(readFileSync(file, 'latin1')) ?? [];
    return count === null ? null : Number(count);
  } catch {
    return null;
  }
}
