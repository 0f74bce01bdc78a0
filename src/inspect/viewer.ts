import { type RawData, WebSocket } from 'ws';
import type { HostMessage } from './messages.js';

/** What may lie in this process for one that does not read, in bytes. One more message may come on top. */
const MOST_BUFFERED = 2 * 1024 * 1024;
/** A viewer that says more than this in a second is no person. */
const MOST_MESSAGES = 100;

/** As RFC 6455 has them: it broke the rules; try again later. */
const POLICY_VIOLATION = 1008;

export interface ViewerEvents {
  /** What it sent, as text. */
  readonly onText: (text: string) => void;
  readonly onClose: () => void;
}

/** One that looks on. Nothing waits for it: one that does not read in time is dropped. */
export class Viewer {
  readonly #socket: WebSocket;
  /** The sidecars that it was told of, so that it is not told of changes to what it does not know. */
  readonly #known = new Set<string>();
  #messages = 0;
  #isAlive = true;

  constructor(socket: WebSocket, { onText, onClose }: ViewerEvents) {
    this.#socket = socket;
    socket.on('message', (data: RawData, isBinary: boolean) => {
      this.#messages += 1;
      if (isBinary || this.#messages > MOST_MESSAGES) socket.close(POLICY_VIOLATION);
      else onText(String(data));
    });
    socket.on('pong', () => {
      this.#isAlive = true;
    });
    socket.on('close', onClose);
    // A message that is too long, or no frame at all; after it there is `close`.
    socket.on('error', () => {});
  }

  /** A message to this one only. */
  tell(message: HostMessage): void {
    this.#send(JSON.stringify(message));
  }

  /** What is told to all of one sidecar. */
  pass(sidecar: string, text: string): void {
    if (this.#known.has(sidecar)) this.#send(text);
  }

  /**
   * Tells it all about one sidecar.
   *
   * @returns resolves once it was read, or never will be
   */
  async introduce(sidecar: string, messages: readonly HostMessage[]): Promise<void> {
    this.#known.add(sidecar);
    for (const message of messages.slice(0, -1)) this.tell(message);
    const last = messages.at(-1);
    if (last === undefined) return;
    await new Promise<void>((resolve) => {
      if (!this.isOpen) resolve();
      else this.#socket.send(JSON.stringify(last), () => resolve());
    });
  }

  /** Once a second: what it said before counts no more. */
  forgiveMessages(): void {
    this.#messages = 0;
  }

  /** Drops one that has not answered since this was called before. */
  ping(): void {
    if (!this.#isAlive) this.#socket.terminate();
    this.#isAlive = false;
    if (this.isOpen) this.#socket.ping();
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** At once, whatever it has not read. */
  drop(): void {
    this.#socket.terminate();
  }

  #send(text: string): void {
    if (!this.isOpen) return;
    if (this.#socket.bufferedAmount > MOST_BUFFERED) this.drop();
    else this.#socket.send(text);
  }
}
