import type { ServerResponse } from 'node:http';
import type { Service } from './service.js';
import type { ServiceEvent } from './service-event.js';
import { type EventFilter, frame, Subscriber } from './subscriber.js';

/** Between lines that say nothing, in milliseconds. */
const HEARTBEAT = 15_000;
/** One that has read nothing for so long is cut off. */
const MOST_BLOCKED = 60_000;

/** Passes the events of a service on to any number of subscribers, each written down once. It listens while there are any. */
export class EventFeed {
  readonly #service: Service;
  readonly #subscribers = new Set<Subscriber>();
  #stopListening: (() => void) | null = null;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(service: Service) {
    this.#service = service;
  }

  get size(): number {
    return this.#subscribers.size;
  }

  /** Until the connection is closed, by either side. */
  add(response: ServerResponse, filter: EventFilter): void {
    const subscriber = new Subscriber(response, filter);
    this.#subscribers.add(subscriber);
    this.#stopListening ??= this.#listen();
    this.#heartbeat ??= setInterval(() => this.#beat(), HEARTBEAT).unref();
    response.on('close', () => this.#remove(subscriber));
    // Also after an error of the connection there is `close`.
    response.on('error', () => {});
    response.write(': connected\n\n');
  }

  /** Ends all of them. */
  close(): void {
    for (const subscriber of this.#subscribers) subscriber.end();
  }

  #listen(): () => void {
    const pass = (event: ServiceEvent) => this.#pass(event);
    const endings = [this.#service.listen(pass), this.#service.listenToSamples(pass)];
    return () => {
      for (const end of endings) end();
    };
  }

  #pass(event: ServiceEvent): void {
    let text: string | null = null;
    for (const subscriber of this.#subscribers) {
      if (!subscriber.wants(event)) continue;
      text ??= frame(event);
      subscriber.send(text);
    }
  }

  #beat(): void {
    for (const subscriber of this.#subscribers) {
      if (subscriber.blockedFor > MOST_BLOCKED) subscriber.cutOff();
      else subscriber.beat();
    }
  }

  #remove(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
    if (this.#subscribers.size > 0) return;
    this.#stopListening?.();
    this.#stopListening = null;
    clearInterval(this.#heartbeat);
    this.#heartbeat = undefined;
  }
}
