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
      ? this.#showList(value, redactor, depth + 1)
      : this.#showFields(value, redactor, depth + 1);
    this.#shown.set(value, shown);
    return shown;
  }

  /** Itself when nothing in it is hidden: it need not be kept twice. */
  #showList(list: readonly unknown[], redactor: Redactor, depth: number): unknown {
    const shown = list.map((each) => this.#show(each, redactor, depth));
    return shown.every((each, index) => each === list[index]) ? list : shown;
  }

  #showFields(fields: object, redactor: Redactor, depth: number): unknown {
    const entries = Object.entries(fields);
    const shown = entries.map(([name, field]) => {
      const isLong = name === 'tail' && Array.isArray(field) && field.length > TAIL_LINES;
      return [name, this.#show(isLong ? field.slice(-TAIL_LINES) : field, redactor, depth)] as const;
    });
    const isSame = shown.every(([, field], index) => field === entries[index]?.[1]);
    return isSame ? fields : Object.fromEntries(shown);
  }
}
