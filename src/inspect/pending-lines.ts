import { LineRing } from '../output/line-ring.js';
import type { PrintedLine } from './recent.js';

/** Lines are told at most this often, in milliseconds. */
const INTERVAL = 100;
/** More at once nobody reads; the latest are told. */
const LIMITS = { lines: 300, characters: 64 * 1024 };

/** Lines that wait to be told. Of a flood the latest are kept, and the others counted. */
export class PendingLines {
  readonly #ring = new LineRing<PrintedLine>(LIMITS);
  #count = 0;
  #dropped = 0;
  #takenAt = Number.NEGATIVE_INFINITY;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  add(line: PrintedLine): void {
    this.#count += 1;
    this.#dropped += this.#ring.add(line);
  }

  /**
   * @param now by `performance.now()`; infinite for whatever there is
   * @returns null while it is too early, or there are none
   */
  take(now: number): { readonly lines: readonly PrintedLine[]; readonly dropped: number } | null {
    if (this.isEmpty || now - this.#takenAt < INTERVAL) return null;
    if (Number.isFinite(now)) this.#takenAt = now;
    const taken = { lines: this.#ring.take(), dropped: this.#dropped };
    this.#count = 0;
    this.#dropped = 0;
    return taken;
  }

  clear(): void {
    this.#ring.take();
    this.#count = 0;
    this.#dropped = 0;
  }
}
