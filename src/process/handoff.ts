import { inspect } from 'node:util';
import type { Handoff } from '../../machines/sidecar.types.js';

const HIDDEN = '[handed over]';

/** A line that a process handed over, such as a token. Only `reveal()` shows it: no log, inspector or JSON does. */
export class HiddenLine implements Handoff {
  readonly #line: string;

  constructor(line: string) {
    this.#line = line;
  }

  reveal(): string {
    return this.#line;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}
