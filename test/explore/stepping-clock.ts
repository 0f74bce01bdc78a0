import { SimulatedClock } from 'xstate';

/**
 * A simulated clock on which each timer sees the exact time that it was due at. `SimulatedClock` alone jumps to the end of
 * an increment first, so that the timers that follow from a timer would start late.
 */
export class SteppingClock extends SimulatedClock {
  readonly #due = new Map<number, number>();

  override setTimeout(callback: () => void, timeout: number): number {
    const id = super.setTimeout(() => {
      this.#due.delete(id);
      callback();
    }, timeout);
    this.#due.set(id, this.now() + timeout);
    return id;
  }

  override clearTimeout(id: number): void {
    this.#due.delete(id);
    super.clearTimeout(id);
  }

  /** When the next timer is due; null without any timer. */
  nextDue(): number | null {
    return this.#due.size === 0 ? null : Math.min(...this.#due.values());
  }

  advance(duration: number): void {
    const end = this.now() + duration;
    for (let due = this.nextDue(); due !== null && due <= end; due = this.nextDue()) this.set(due);
    this.set(end);
  }

  advanceToNext(): void {
    const due = this.nextDue();
    if (due !== null) this.set(due);
  }
}
