import { signal } from '@preact/signals';
import type { ShownLine } from '../../../../src/inspect/messages.js';
import { oncePerFrame } from '../time/frame.js';

/** How many lines of a sidecar are kept. */
export const MOST_LINES = 10_000;

/** The last lines of a sidecar. Those who look are told once a frame, however many come. */
export class LineBuffer {
  /** Grows with every change that may be seen. */
  readonly version = signal(0);
  #lines: ShownLine[] = [];
  #dropped = 0;
  readonly #changed = oncePerFrame(() => {
    this.version.value += 1;
  });

  push(lines: readonly ShownLine[], dropped = 0): void {
    for (const line of lines) this.#lines.push(line);
    // In large steps: what is removed at the front moves all the rest.
    if (this.#lines.length > MOST_LINES * 1.5) this.#lines = this.#lines.slice(-MOST_LINES);
    this.#dropped += dropped;
    this.#changed();
  }

  replace(lines: readonly ShownLine[]): void {
    this.#lines = lines.slice(-MOST_LINES);
    this.#dropped = 0;
    this.#changed();
  }

  clear(): void {
    this.replace([]);
  }

  /** Oldest first. */
  get lines(): readonly ShownLine[] {
    return this.#lines;
  }

  /** How many the host left out, as there were too many. */
  get dropped(): number {
    return this.#dropped;
  }
}
