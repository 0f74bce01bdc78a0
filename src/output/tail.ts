import type { OutputLine } from '../../machines/sidecar.types.js';

/** A longer line is cut in the tail, so that a tail is at most a few tens of KiB. */
const MAX_TAIL_LINE_LENGTH = 1024;

/** The last lines of some output, for explaining how it ended. */
export class Tail {
  readonly #limit: number;
  #lines: string[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(lines: readonly OutputLine[]): void {
    if (this.#limit === 0) return;
    const last = lines.slice(-this.#limit).map(({ line }) => detached(line));
    this.#lines = [...this.#lines, ...last].slice(-this.#limit);
  }

  lines(): readonly string[] {
    return this.#lines;
  }
}

/** A copy: V8 makes a part of a string by pointing into it, so a short line would keep its whole chunk alive. */
function detached(line: string): string {
  const cut = line.length > MAX_TAIL_LINE_LENGTH ? `${line.slice(0, MAX_TAIL_LINE_LENGTH)}…` : line;
  return Buffer.from(cut).toString();
}
