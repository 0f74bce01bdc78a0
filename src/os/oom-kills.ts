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
    const counter = group === undefined ? inheritedCounter() : join(group, 'memory.events');
    const before = counter === null ? null : read(counter);
    return counter === null || before === null ? null : new OomKills(counter, before);
  }

  /** Whether there was one since. */
  haveRisen(): boolean {
    const now = read(this.counter);
    return now !== null && now > this.#before;
  }
}

let inherited: string | null | undefined;

/** Looked for once: this is asked for each spawn, and a file that is not there takes longer than one that is. */
function inheritedCounter(): string | null {
  if (inherited !== undefined) return inherited;
  const { unified, memoryV1 } = findControlGroups();
  const files = [
    ...(unified === null ? [] : [join(unified.path, 'memory.events')]),
    ...(memoryV1 === null ? [] : [join(memoryV1.path, 'memory.oom_control')]),
    // Of the whole system.
    '/proc/vmstat',
  ];
  inherited = files.find((file) => read(file) !== null) ?? null;
  return inherited;
}

/** All three have the same line. Null where the file, or the line, is not there. */
function read(file: string): number | null {
  try {
    const [, count = null] = /^oom_kill (\d+)$/m.exec(readFileSync(file, 'utf8')) ?? [];
    return count === null ? null : Number(count);
  } catch {
    return null;
  }
}
