import { signal } from '@preact/signals';
import { oncePerFrame } from '../time/frame.js';

/** How many values of a kind are kept. */
const MOST_VALUES = 900;

/** The last of something that is measured again and again. Those who look are told once a frame. */
export class Series<Value extends { readonly time: number }> {
  readonly version = signal(0);
  #values: Value[] = [];
  readonly #changed = oncePerFrame(() => {
    this.version.value += 1;
  });

  push(value: Value): void {
    this.#values.push(value);
    if (this.#values.length > MOST_VALUES * 1.5) this.#values = this.#values.slice(-MOST_VALUES);
    this.#changed();
  }

  replace(values: readonly Value[]): void {
    this.#values = values.slice(-MOST_VALUES);
    this.#changed();
  }

  /** Oldest first. */
  get values(): readonly Value[] {
    return this.#values;
  }

  /** Those that were known then; all when that is null. */
  until(time: number | null): readonly Value[] {
    return time === null ? this.#values : this.#values.filter((value) => value.time <= time);
  }
}
