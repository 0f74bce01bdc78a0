/** How much is kept, whichever comes first. */
export interface RingLimits {
  readonly lines: number;
  readonly characters: number;
}

const LIMITS: RingLimits = { lines: 1000, characters: 64 * 1024 };

/** The last lines that were printed. */
export class LineRing<Line extends { readonly line: string }> {
  readonly #limits: RingLimits;
  #lines: Line[] = [];
  /** Those before it are gone; they are cut off now and then, as taking the first of a list is slow. */
  #first = 0;
  #characters = 0;

  /** @param limits 1000 lines and 65,536 characters by default */
  constructor(limits: RingLimits = LIMITS) {
    this.#limits = limits;
  }

  /** @returns how many earlier ones had to go for it; itself too, when it is longer than all may be */
  add(added: Line): number {
    const { lines, characters } = this.#limits;
    const first = this.#first;
    this.#lines.push(added);
    this.#characters += added.line.length;
    while (this.#lines.length - this.#first > lines || this.#characters > characters) {
      this.#characters -= this.#lines[this.#first]?.line.length ?? 0;
      this.#first += 1;
    }
    const gone = this.#first - first;
    if (this.#first > lines) {
      this.#lines = this.#lines.slice(this.#first);
      this.#first = 0;
    }
    return gone;
  }

  last(count: number): readonly Line[] {
    return this.#lines.slice(Math.max(this.#first, this.#lines.length - count));
  }

  /** Takes all of them out. */
  take(): readonly Line[] {
    const taken = this.#lines.slice(this.#first);
    this.#lines = [];
    this.#first = 0;
    this.#characters = 0;
    return taken;
  }
}
