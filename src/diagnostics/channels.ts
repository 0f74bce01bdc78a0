import { type Channel, channel, tracingChannel } from 'node:diagnostics_channel';
import type { SidecarEmitted } from '../../machines/sidecar.types.js';

/** What is published on `sidecar-machine:<type>`: one event of `sidecar.on(type, …)`, and whose it is. */
export interface SidecarMessage {
  /** The name of the sidecar. */
  readonly sidecar: string;
  readonly event: SidecarEmitted;
}

/** What is published on `tracing:sidecar-machine:request:*`; the same object from the start of a request to its end. */
export interface SidecarRequestMessage {
  /** The name of the sidecar. */
  readonly sidecar: string;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** The answer, once its headers are there: a `Response`, or what undici's `request` gives. */
  result?: unknown;
  /** Why there was none. */
  error?: unknown;
}

/** Held, because Node.js forgets a channel that nobody holds. */
const channels = new Map<SidecarEmitted['type'], Channel>();

/** Publishes an event. Where nobody listens, nothing is made. */
export function publish(sidecar: string, event: SidecarEmitted): void {
  const { type } = event;
  let published = channels.get(type);
  if (published === undefined) {
    published = channel(`sidecar-machine:${type}`);
    channels.set(type, published);
  }
  if (!published.hasSubscribers) return;
  const message: SidecarMessage = { sidecar, event };
  published.publish(message);
}

const requests = tracingChannel<unknown, SidecarRequestMessage>('sidecar-machine:request');
const { start, end, asyncStart, asyncEnd, error } = requests;

/** Whether anybody listens to requests. */
export function areRequestsTraced(): boolean {
  return (
    start.hasSubscribers ||
    end.hasSubscribers ||
    asyncStart.hasSubscribers ||
    asyncEnd.hasSubscribers ||
    error.hasSubscribers
  );
}

export function traceRequest<Answer>(
  message: SidecarRequestMessage,
  send: () => Promise<Answer>,
): Promise<Answer> {
  return requests.tracePromise(send, message);
}
