/** Tells when nothing has moved for a while. */
export class StallTimer {
  readonly #tell: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: () => void) {
    this.#tell = tell;
  }

  /** @param patience in milliseconds; null waits for ever */
  start(patience: number | null): void {
    clearTimeout(this.#timer);
    this.#timer = patience === null ? undefined : setTimeout(this.#tell, patience);
  }

  /** Something moved. */
  readonly moved = (): void => {
    this.#timer?.refresh();
  };

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
