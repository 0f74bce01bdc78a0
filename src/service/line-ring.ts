/** Whichever comes first. */
const MOST_LINES = 1000;
const MOST_CHARACTERS = 64 * 1024;

/** One line that a sidecar, or its compiler, has printed. */
export interface RecentLine {
  /** Unix time in milliseconds. */
  readonly time: number;
  readonly source: 'compile' | 'process';
  readonly line: string;
}

/** The last lines of one sidecar. */
export class LineRing {
  #lines: RecentLine[] = [];
  /** Those before it are gone; they are cut off now and then, as taking the first of a list is slow. */
  #first = 0;
  #characters = 0;

  add(added: RecentLine): void {
    this.#lines.push(added);
    this.#characters += added.line.length;
    while (this.#lines.length - this.#first > MOST_LINES || this.#characters > MOST_CHARACTERS) {
      this.#characters -= this.#lines[this.#first]?.line.length ?? 0;
      this.#first += 1;
    }
    if (this.#first <= MOST_LINES) return;
    this.#lines = this.#lines.slice(this.#first);
    this.#first = 0;
  }

  last(count: number): readonly RecentLine[] {
    return this.#lines.slice(Math.max(this.#first, this.#lines.length - count));
  }
}
