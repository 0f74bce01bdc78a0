import type { HealthNotice } from '../../machines/sidecar.types.js';

/** What one incarnation has told of itself, kept for the checks that wait for it. */
export class Notices {
  /** The patterns that a line has matched. */
  #printed: readonly string[] = [];
  #listeners: readonly (() => void)[] = [];
  #isReady = false;
  #watchdogAt: number | null = null;
  #unusableEndpoint: string | null = null;

  add(notice: HealthNotice): void {
    if (notice.type === 'log' && !this.hasPrinted(notice.pattern)) {
      this.#printed = [...this.#printed, notice.pattern];
    }
    if (notice.type === 'ready') this.#isReady = true;
    if (notice.type === 'unusable-endpoint') this.#unusableEndpoint = notice.error;
    // As systemd counts: from readiness on, and anew with each keep-alive.
    if (notice.type === 'ready' || notice.type === 'watchdog') this.#watchdogAt = performance.now();
    for (const changed of this.#listeners) changed();
  }

  /** Whether a line that matches was printed; `pattern` is the regular expression as text. */
  hasPrinted(pattern: string): boolean {
    return this.#printed.includes(pattern);
  }

  /** Whether `READY=1` came. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Why it can't be told where it listens, though it said something; null when it did not. */
  get unusableEndpoint(): string | null {
    return this.#unusableEndpoint;
  }

  /** Milliseconds since the last `READY=1` or `WATCHDOG=1`; null when neither came yet. */
  get silence(): number | null {
    return this.#watchdogAt === null ? null : performance.now() - this.#watchdogAt;
  }

  /** Calls `changed` with each further notice, until the returned function is called. */
  watch(changed: () => void): () => void {
    this.#listeners = [...this.#listeners, changed];
    return () => {
      this.#listeners = this.#listeners.filter((each) => each !== changed);
    };
  }
}
