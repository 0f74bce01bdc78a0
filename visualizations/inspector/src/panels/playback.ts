import { signal } from '@preact/signals';
import { inspection } from '../session.js';

/** Each transition is seen for as long as it lasted, within these bounds, in milliseconds. */
const SHOWN = { least: 250, most: 1500 };

/** Goes through the transitions one by one, as they happened. */
class Playback {
  readonly isPlaying = signal(false);
  #timer: ReturnType<typeof setTimeout> | null = null;

  toggle(): void {
    if (this.isPlaying.peek()) this.stop();
    else this.#start();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.isPlaying.value = false;
  }

  #start(): void {
    const { selected, moment } = inspection.peek();
    const transitions = selected.peek()?.transitions.peek() ?? [];
    const [first] = transitions;
    if (first === undefined) return;
    this.isPlaying.value = true;
    const isAtEnd = moment.peek() === null || moment.peek() === transitions.at(-1);
    if (isAtEnd) inspection.peek().goTo(first.sequence);
    this.#schedule();
  }

  #schedule(): void {
    const { selected, moment } = inspection.peek();
    const transitions = selected.peek()?.transitions.peek() ?? [];
    const shown = moment.peek();
    const next = shown === null ? undefined : transitions[transitions.indexOf(shown) + 1];
    if (shown === null || next === undefined) {
      this.stop();
      return;
    }
    const lasted = Math.min(SHOWN.most, Math.max(SHOWN.least, next.time - shown.time));
    this.#timer = setTimeout(() => {
      inspection.peek().goTo(next.sequence);
      this.#schedule();
    }, lasted);
  }
}

export const playback = new Playback();
