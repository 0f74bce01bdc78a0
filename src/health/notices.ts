import type { ProcessNotice } from '../../machines/sidecar.types.js';

/** What one incarnation has told of itself, kept for the checks that wait for it. */
export class Notices {
  readonly #lines = new Set<string>();
  readonly #listeners = new Set<() => void>();
  #isReady = false;
  #watchdogAt: number | null = null;

  add(notice: ProcessNotice): void {
    if (notice.type === 'log') this.#lines.add(notice.pattern);
    if (notice.type === 'ready') this.#isReady = true;
    // As systemd counts: from readiness on, and anew with each keep-alive.
    if (notice.type === 'ready' || notice.type === 'watchdog') this.#watchdogAt = performance.now();
    for (const changed of this.#listeners) changed();
  }

  /** Whether a line that matches was printed; `pattern` is the regular expression as text. */
  hasPrinted(pattern: string): boolean {
    return this.#lines.has(pattern);
  }

  /** Whether `READY=1` came. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Milliseconds since the last `READY=1` or `WATCHDOG=1`; null when neither came yet. */
  get silence(): number | null {
    return this.#watchdogAt === null ? null : performance.now() - this.#watchdogAt;
  }

  /** Calls `changed` with each further notice, until the returned function is called. */
  watch(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  }
}
