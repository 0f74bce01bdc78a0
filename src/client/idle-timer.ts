/** Tells when nothing was used for a while. */
export class IdleTimer {
  readonly #timeout: number;
  readonly #tell: () => void;
  #inUse = 0;
  #usedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;

  /** @param timeout in milliseconds */
  constructor(timeout: number, tell: () => void) {
    this.#timeout = timeout;
    this.#tell = tell;
  }

  /** Counts from now on. It does not keep the host alive. */
  start(): void {
    this.#usedAt = performance.now();
    this.#schedule(this.#timeout);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  began(): void {
    this.#inUse += 1;
  }

  ended(): void {
    this.#inUse -= 1;
    this.#usedAt = performance.now();
  }

  #schedule(delay: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), delay).unref();
  }

  #look(): void {
    const left = this.#usedAt + this.#timeout - performance.now();
    const isIdle = this.#inUse === 0 && left <= 1;
    // Again even after it was told: whoever is told may not be able to act on it now.
    this.#schedule(this.#inUse > 0 || isIdle ? this.#timeout : left);
    if (isIdle) this.#tell();
  }
}
