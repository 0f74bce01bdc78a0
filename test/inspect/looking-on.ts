import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import {
  type HostMessage,
  type HostMessageOf,
  hostMessageSchema,
  type ViewerMessage,
} from '../../src/inspect/messages.js';
import { within } from '../support/within.js';

/** Something that has an inspector. */
interface Shown {
  inspector(): Promise<{ readonly url: string } | null>;
}

/** The address of its inspector's page. */
export async function pageOf(shown: Shown): Promise<URL> {
  const inspector = await shown.inspector();
  if (inspector === null) throw new Error('it has no inspector');
  return new URL(inspector.url);
}

/** The address of the socket that a page at this address opens. */
export function socketOf(page: URL): URL {
  const token = page.hash.replace(/^#token=/, '');
  return new URL(`ws://${page.host}/inspect/socket?token=${token}`);
}

/** A viewer on a real socket, which writes down what it is told and holds it to the contract. */
export class LookingOn {
  readonly socket: WebSocket;
  readonly messages: HostMessage[] = [];
  readonly #closed: Promise<number>;
  readonly #wakers = new Set<() => void>();
  #read = 0;

  constructor(page: URL) {
    this.socket = new WebSocket(socketOf(page));
    this.socket.on('message', (data) => {
      this.messages.push(hostMessageSchema.parse(JSON.parse(String(data))));
      for (const wake of this.#wakers) wake();
    });
    // After an error there is `close`, too.
    this.socket.on('error', () => {});
    this.#closed = new Promise((resolve) => {
      this.socket.on('close', resolve);
    });
    onTestFinished(() => this.socket.terminate());
  }

  say(message: ViewerMessage | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Sends an event to a sidecar, as a page does. */
  send(service: string, event: Readonly<Record<string, unknown>>): void {
    this.say({ type: 'xstate.event', service, event: JSON.stringify(event) });
  }

  /** The first message of a kind after the last one that was waited for. */
  next<Type extends HostMessage['type']>(
    type: Type,
    matches: (message: HostMessageOf<Type>) => boolean = () => true,
  ): Promise<HostMessageOf<Type>> {
    const found = new Promise<HostMessageOf<Type>>((resolve) => {
      const look = () => {
        for (let at = this.#read; at < this.messages.length; at += 1) {
          const message = this.messages[at];
          if (message === undefined || !isOfType(message, type) || !matches(message)) continue;
          this.#read = at + 1;
          this.#wakers.delete(look);
          resolve(message);
          return;
        }
      };
      this.#wakers.add(look);
      look();
    });
    return within(found, () => `${type} after\n${this.story()}`);
  }

  /** All of one kind so far. */
  all<Type extends HostMessage['type']>(type: Type): HostMessageOf<Type>[] {
    return this.messages.filter((message) => isOfType(message, type));
  }

  /** Every line that it was told, those from before it came included. */
  lines(): string[] {
    return this.messages.flatMap((message) =>
      message.type === 'service.output' || message.type === 'service.recent'
        ? message.lines.map(({ line }) => line)
        : [],
    );
  }

  /** The code that the connection was closed with. */
  closed(): Promise<number> {
    return within(this.#closed, () => `the end of the connection after\n${this.story()}`);
  }

  story(): string {
    return this.messages
      .slice(-20)
      .map((message) => JSON.stringify(message).slice(0, 200))
      .join('\n');
  }
}

/** One that has been told all that there is to know of so many sidecars. */
export async function lookOn(shown: Shown, sidecars = 1): Promise<LookingOn> {
  const viewer = new LookingOn(await pageOf(shown));
  for (let told = 0; told < sidecars; told += 1) await viewer.next('service.recent');
  return viewer;
}

function isOfType<Type extends HostMessage['type']>(
  message: HostMessage,
  type: Type,
): message is HostMessageOf<Type> {
  return message.type === type;
}
