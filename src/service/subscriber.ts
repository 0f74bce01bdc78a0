import type { ServerResponse } from 'node:http';
import type { ServiceEvent } from './service-event.js';

/** What may lie in this process for one that does not read, in bytes. One more event may come on top. */
const MOST_BUFFERED = 64 * 1024;

/** Which events somebody wants; empty sets for all. */
export interface EventFilter {
  readonly sidecars: ReadonlySet<string>;
  readonly types: ReadonlySet<string>;
}

/**
 * One that receives events as server-sent events. What it does not read in time is dropped and counted, and the count
 * is told once it reads again: nothing waits for it.
 */
export class Subscriber {
  readonly #response: ServerResponse;
  readonly #filter: EventFilter;
  #dropped = 0;
  /** Since when nothing was read, by `performance.now()`; null while it reads. */
  #blockedSince: number | null = null;

  constructor(response: ServerResponse, filter: EventFilter) {
    this.#response = response;
    this.#filter = filter;
    response.on('drain', () => {
      this.#blockedSince = null;
      this.#tellDropped();
    });
  }

  wants({ sidecar, type }: ServiceEvent): boolean {
    const { sidecars, types } = this.#filter;
    if (types.size > 0 && !types.has(type)) return false;
    return sidecars.size === 0 || sidecar === null || sidecars.has(sidecar);
  }

  /** @param text as `frame()` writes it */
  send(text: string): void {
    if (this.#response.writableLength > MOST_BUFFERED) {
      this.#dropped += 1;
      this.#blockedSince ??= performance.now();
      return;
    }
    this.#tellDropped();
    this.#response.write(text);
  }

  /** Says nothing, so that whoever is between keeps the connection. One that does not read misses nothing by that. */
  beat(): void {
    if (this.#response.writableLength <= MOST_BUFFERED) this.#response.write(': still here\n\n');
  }

  /** Since how long it reads nothing though there is more than it may leave lying, in milliseconds. */
  get blockedFor(): number {
    return this.#blockedSince === null ? 0 : performance.now() - this.#blockedSince;
  }

  end(): void {
    this.#tellDropped();
    this.#response.end();
  }

  /** For one that does not read: what lies here is not kept any longer. */
  cutOff(): void {
    this.#response.destroy();
  }

  #tellDropped(): void {
    if (this.#dropped === 0) return;
    const count = this.#dropped;
    this.#dropped = 0;
    this.#response.write(frame({ type: 'dropped', sidecar: null, time: Date.now(), count }));
  }
}

/** An event as `text/event-stream` has it. JSON has no line breaks. */
export function frame(event: ServiceEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
