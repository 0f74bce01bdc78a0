import type { Redactor } from '../redact/redactor.js';

/** How many of the last lines of a process are kept in each record. */
const TAIL_LINES = 20;

/** How deep entries nest at most; nothing in them is deeper. */
const MAX_DEPTH = 16;

/**
 * Makes lines of entries, without secrets. The same part of two entries becomes the same text, also when another secret
 * was learned between them: a replay compares them.
 */
export class EntryText {
  readonly #shown = new WeakMap<object, unknown>();

  write(entry: object, redactor: Redactor): string {
    return JSON.stringify(this.#show(entry, redactor, 0));
  }

  #show(value: unknown, redactor: Redactor, depth: number): unknown {
    if (typeof value === 'string') return redactor.text(value);
    if (typeof value !== 'object' || value === null) return value;
    if (depth > MAX_DEPTH) return '[too deep]';
    const known = this.#shown.get(value);
    if (known !== undefined) return known;
    const shown = Array.isArray(value)
      ? value.map((each) => this.#show(each, redactor, depth + 1))
      : Object.fromEntries(
          Object.entries(value).map(([name, field]) => [
            name,
            this.#show(
              name === 'tail' && Array.isArray(field) ? field.slice(-TAIL_LINES) : field,
              redactor,
              depth + 1,
            ),
          ]),
        );
    this.#shown.set(value, shown);
    return shown;
  }
}
