/** How finely the time is cut, in milliseconds. */
const SLICE = { parts: 20, shortest: 5, longest: 250 };

/**
 * A deadline that counts only time in which the event loop was free to hear an answer. When the host was blocked
 * or suspended, a check that ran meanwhile says nothing about the sidecar, so it is given that time back.
 */
export class Deadline {
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #timeout: number;
  readonly #slice: number;
  #heard = 0;
  #last = performance.now();
  #timer: NodeJS.Timeout;

  /** @param timeout in milliseconds */
  constructor(timeout: number) {
    this.signal = this.#controller.signal;
    this.#timeout = timeout;
    this.#slice = Math.min(SLICE.longest, Math.max(SLICE.shortest, timeout / SLICE.parts));
    this.#timer = setTimeout(() => this.#tick(), Math.min(this.#slice, timeout));
  }

  /** Ends the wait; with a reason, whatever waits is told so. */
  end(reason?: Error): void {
    clearTimeout(this.#timer);
    if (reason !== undefined) this.#controller.abort(reason);
  }

  #tick(): void {
    const now = performance.now();
    // A slice that took much longer than it should was spent blocked: it counts as the slice that it was meant to be.
    this.#heard += Math.min(now - this.#last, this.#slice * 1.5);
    this.#last = now;
    const left = this.#timeout - this.#heard;
    if (left > 0) {
      this.#timer = setTimeout(() => this.#tick(), Math.min(this.#slice, left));
      return;
    }
    // Timers run before I/O: an answer that has arrived already is heard first.
    setImmediate(() => {
      this.#controller.abort(new Error(`no answer within ${this.#timeout} ms`));
    });
  }
}
