import type { SidecarContext } from '../../machines/sidecar.types.js';
import type { Sidecar } from '../sidecar.js';
import type { Command, HostMessageOf } from './messages.js';
import { commandsNow, shownStatus } from './shown-status.js';

type StatusMessage = HostMessageOf<'service.status'>;

/** The status of one sidecar, made anew when there is something new in it: what each command would do is tried for it. */
export class StatusFeed {
  readonly #name: string;
  readonly #sidecar: Sidecar;
  readonly #refusal: (command: Command) => string | null;
  #context: SidecarContext | null = null;
  #commands: StatusMessage['commands'] | null = null;
  #isLocked = false;
  /** What was told last, but for the context that it was made of. */
  #numbers = '';
  #text = '';

  constructor(name: string, sidecar: Sidecar, refusal: (command: Command) => string | null) {
    this.#name = name;
    this.#sidecar = sidecar;
    this.#refusal = refusal;
  }

  /** As it is now, for one who was told nothing yet. */
  present(): StatusMessage {
    const { context } = this.#sidecar.actor.getSnapshot();
    const isLocked = this.#refusal('START') !== null;
    if (this.#commands === null || context !== this.#context || isLocked !== this.#isLocked) {
      this.#commands = commandsNow(this.#sidecar, this.#refusal);
    }
    this.#context = context;
    this.#isLocked = isLocked;
    return {
      type: 'service.status',
      sessionId: this.#name,
      ...shownStatus(this.#sidecar, this.#commands),
    };
  }

  /** As it is now; null when that is what was told last. */
  changed(): StatusMessage | null {
    const { context } = this.#sidecar.actor.getSnapshot();
    // Its clients, and the clock, change it without a word from the machine.
    const { client, restarts } = this.#sidecar.status();
    const numbers = JSON.stringify([client, restarts, this.#refusal('START')]);
    if (this.#text !== '' && context === this.#context && numbers === this.#numbers) return null;
    this.#numbers = numbers;
    const message = this.present();
    const text = JSON.stringify(message);
    if (text === this.#text) return null;
    this.#text = text;
    return message;
  }
}
