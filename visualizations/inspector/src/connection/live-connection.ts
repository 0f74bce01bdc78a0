import type { ViewerMessage } from '../../../../src/inspect/messages.js';
import { Inspection, type WhatIfAnswer } from '../model/inspection.js';
import { type Address, serverOf } from './address.js';
import { Listener } from './listener.js';
import { openReceiver } from './socket-receiver.js';

/** How long is waited before a lost connection is tried again, in milliseconds; twice as long each time. */
const RETRY = { first: 250, most: 4000 };

/** An answer that does not come in this time will not come, in milliseconds. */
const ANSWER_TIMEOUT = 10_000;

/** A connection to a host, made again whenever it is lost, until it is closed. */
export class LiveConnection {
  readonly inspection = new Inspection();
  readonly #address: Address;
  readonly #listener = new Listener(this.inspection, (id, answer) => this.#settle(id, answer));
  readonly #asked = new Map<string, (answer: WhatIfAnswer | Error) => void>();
  #socket: WebSocket | null = null;
  #send: (message: ViewerMessage) => void = () => {};
  #retry: ReturnType<typeof setTimeout> | null = null;
  #failures = 0;
  #hasBeenOpen = false;
  #isClosed = false;
  #questions = 0;

  constructor(address: Address) {
    this.#address = address;
    this.#open();
  }

  /** Tries at once what would be tried later. */
  retryNow(): void {
    if (this.#retry === null) return;
    clearTimeout(this.#retry);
    this.#open();
  }

  close(): void {
    this.#isClosed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#socket?.close();
  }

  /** Sends an event to the machine of a sidecar. */
  sendEvent(sessionId: string, event: { readonly type: string }): void {
    this.#send({ type: 'xstate.event', event: JSON.stringify(event), service: sessionId });
  }

  /** What the machine would do on an event. */
  whatIf(sessionId: string, event: { readonly type: string }): Promise<WhatIfAnswer> {
    this.#questions += 1;
    const id = `question ${this.#questions}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle(id, new Error('The host did not answer.')), ANSWER_TIMEOUT);
      this.#asked.set(id, (answer) => {
        clearTimeout(timer);
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      });
      this.#send({ type: 'sidecar.what-if', id, sessionId, event });
    });
  }

  #open(): void {
    this.#retry = null;
    const { receiver, socket } = openReceiver(serverOf(this.#address), this.#address.protocol);
    this.#socket = socket;
    // Not by the receiver, whose types know the messages of the package only.
    this.#send = (message) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    };
    receiver.subscribe((message) => this.#listener.hear(message));
    socket.addEventListener('open', () => this.#onOpen());
    socket.addEventListener('close', () => this.#onClose());
  }

  #onOpen(): void {
    this.#failures = 0;
    this.#hasBeenOpen = true;
    this.inspection.connection.value = { type: 'open' };
  }

  #onClose(): void {
    for (const id of this.#asked.keys()) this.#settle(id, new Error('The connection was lost.'));
    if (this.#isClosed) return;
    const delay = Math.min(RETRY.most, RETRY.first * 2 ** this.#failures);
    this.#failures += 1;
    this.inspection.connection.value = {
      type: 'lost',
      retryAt: Date.now() + delay,
      hasBeenOpen: this.#hasBeenOpen,
    };
    this.#retry = setTimeout(() => this.#open(), delay);
  }

  #settle(id: string, answer: WhatIfAnswer | Error): void {
    this.#asked.get(id)?.(answer);
    this.#asked.delete(id);
  }
}
