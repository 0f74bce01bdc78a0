import type { ProcessExit } from '../../machines/sidecar.types.js';

/** Something that ends with the process. */
export interface Dependent {
  /** Where it is among the others; theirs to write, who keep it. */
  place: number;
  died(exit: ProcessExit | null): void;
}

/**
 * The requests that are under way. An array, and not a `Set`: where members come and go by the ten thousand a second, V8
 * replaces the table of a set again and again, and each old one holds the next and whoever was in it, until a full
 * collection. That takes longer than all that is done here with a request.
 */
export class Dependents {
  readonly #members: Dependent[] = [];

  get size(): number {
    return this.#members.length;
  }

  add(dependent: Dependent): void {
    dependent.place = this.#members.push(dependent) - 1;
  }

  /** The last one takes its place. */
  delete(dependent: Dependent): void {
    if (this.#members[dependent.place] !== dependent) return;
    const last = this.#members.pop();
    if (last === undefined || last === dependent) return;
    this.#members[dependent.place] = last;
    last.place = dependent.place;
  }

  /** Those of now, though they leave meanwhile. */
  all(): readonly Dependent[] {
    return [...this.#members];
  }
}
