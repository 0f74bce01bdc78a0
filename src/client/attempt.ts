import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { ProcessExit } from '../../machines/sidecar.types.js';
import { SidecarConnectionError, SidecarDiedError } from '../sidecar-error.js';
import type { Dependent } from './dependents.js';
import { outcomeOf, type RequestOutcome } from './totals.js';
import { ProcessEnded, type Upstream } from './upstream.js';

type Handler = Dispatcher.DispatchHandler;
type Controller = Dispatcher.DispatchController;

/** Who counts the requests that are under way. */
export interface RequestLog {
  /** What the sidecar is called in messages. */
  readonly name: string;
  began(): void;
  ended(outcome: RequestOutcome): void;
}

/** Sends a request to one incarnation; if that ends, its handler is told so within milliseconds. */
export function send(
  options: Dispatcher.DispatchOptions,
  handler: Handler,
  upstream: Upstream,
  log: RequestLog,
): boolean {
  // undici knows two kinds of handlers: its own requests use the older one, interceptors the newer.
  const Guard = isNewer(handler) ? NewerGuard : OlderGuard;
  return upstream.pool.dispatch(options, new Guard(handler, upstream, log));
}

export function isNewer(handler: Handler): boolean {
  return handler.onRequestStart !== undefined;
}

/** One request on its way to one incarnation, between undici and the handler that it is made for. */
abstract class Attempt implements Dependent {
  place = -1;
  protected readonly handler: Handler;
  readonly #upstream: Upstream;
  readonly #log: RequestLog;
  /** As soon as it may have been: from then on it can have had an effect. */
  #isSent = false;
  #hasEnded = false;
  #statusCode = 0;
  /** The connection that was taken over, as by a WebSocket. */
  #socket: Duplex | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(handler: Handler, upstream: Upstream, log: RequestLog) {
    this.handler = handler;
    this.#upstream = upstream;
    this.#log = log;
    log.began();
    upstream.dependents.add(this);
  }

  /** The process has ended. The request fails now, whatever its connection does. */
  died(exit: ProcessExit | null): void {
    const error = new SidecarDiedError(this.#log.name, exit, this.#isSent);
    if (this.#socket === null) this.#settle(error, 'died');
    else this.#socket.destroy(error);
  }

  protected abstract deliver(error: Error): void;

  protected get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether it may be sent. To a process that is seen to end nothing is, so that it is known to have had no effect. */
  protected maySend(): boolean {
    if (this.#upstream.isDoomed) return false;
    this.#isSent = true;
    return true;
  }

  protected answered(statusCode: number): void {
    this.#statusCode = statusCode;
  }

  protected ended(outcome: RequestOutcome = outcomeOf(this.#statusCode)): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    this.#upstream.dependents.delete(this);
    this.#log.ended(outcome);
  }

  /** Holds an error of the connection back until it is known whether the process has ended, which says more. */
  protected failed(error: Error): void {
    if (this.#hasEnded) return;
    const { death } = this.#upstream;
    if (!isOfConnection(error)) this.#settle(error, 'failed');
    else if (death !== null) this.died(death.exit);
    else this.#awaitDeath(error);
  }

  protected upgraded(statusCode: number, socket: Duplex): void {
    this.#statusCode = statusCode;
    this.#socket = socket;
    socket.once('close', () => this.ended());
  }

  #awaitDeath(error: Error): void {
    const settle = () =>
      this.#settle(new SidecarConnectionError(this.#log.name, error, this.#isSent), 'connection');
    // Timers run before I/O: news that has arrived already is heard first.
    this.#timer = setTimeout(() => setImmediate(settle), this.#upstream.patience());
  }

  #settle(error: Error, outcome: RequestOutcome): void {
    if (this.#hasEnded) return;
    this.ended(outcome);
    this.deliver(error);
  }
}

class OlderGuard extends Attempt implements Handler {
  onConnect(abort: (error?: Error) => void): void {
    if (this.maySend()) this.handler.onConnect?.(abort);
    else abort(new ProcessEnded('the process is ending'));
  }

  onUpgrade(statusCode: number, headers: Buffer[] | string[] | null, socket: Duplex): void {
    this.upgraded(statusCode, socket);
    this.handler.onUpgrade?.(statusCode, headers, socket);
  }

  onResponseStarted(): void {
    this.handler.onResponseStarted?.();
  }

  onHeaders(statusCode: number, headers: Buffer[], resume: () => void, statusText: string): boolean {
    if (this.hasEnded) return true;
    this.answered(statusCode);
    return this.handler.onHeaders?.(statusCode, headers, resume, statusText) ?? true;
  }

  onData(chunk: Buffer): boolean {
    return this.hasEnded || (this.handler.onData?.(chunk) ?? true);
  }

  onComplete(trailers: string[] | null): void {
    if (this.hasEnded) return;
    this.ended();
    this.handler.onComplete?.(trailers);
  }

  onError(error: Error): void {
    this.failed(error);
  }

  protected deliver(error: Error): void {
    this.handler.onError?.(error);
  }

  onBodySent(chunkSize: number, totalBytesSent: number): void {
    this.handler.onBodySent?.(chunkSize, totalBytesSent);
  }
}

class NewerGuard extends Attempt implements Handler {
  #controller: Controller = neverStarted;

  onRequestStart(controller: Controller, context: unknown): void {
    this.#controller = controller;
    if (this.maySend()) this.handler.onRequestStart?.(controller, context);
    else controller.abort(new ProcessEnded('the process is ending'));
  }

  onRequestUpgrade(
    controller: Controller,
    statusCode: number,
    headers: IncomingHttpHeaders,
    socket: Duplex,
  ): void {
    this.upgraded(statusCode, socket);
    this.handler.onRequestUpgrade?.(controller, statusCode, headers, socket);
  }

  onResponseStart(
    controller: Controller,
    statusCode: number,
    headers: IncomingHttpHeaders,
    statusMessage?: string,
  ): void {
    if (this.hasEnded) return;
    this.answered(statusCode);
    this.handler.onResponseStart?.(controller, statusCode, headers, statusMessage);
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (!this.hasEnded) this.handler.onResponseData?.(controller, chunk);
  }

  onResponseEnd(controller: Controller, trailers: IncomingHttpHeaders): void {
    if (this.hasEnded) return;
    this.ended();
    this.handler.onResponseEnd?.(controller, trailers);
  }

  onResponseError(controller: Controller, error: Error): void {
    this.#controller = controller;
    this.failed(error);
  }

  protected deliver(error: Error): void {
    this.handler.onResponseError?.(this.#controller, error);
  }
}

/** What a handler is given when its request failed before it had a connection. */
const neverStarted: Controller = {
  aborted: false,
  paused: false,
  reason: null,
  abort() {},
  pause() {},
  resume() {},
};

const CONNECTION_ERRORS = new Set([
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_DESTROYED',
  'UND_ERR_CLOSED',
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ENOENT',
  'ENOTCONN',
  'EPIPE',
  'ETIMEDOUT',
  'EAGAIN',
]);

/** Whether the connection failed, and not what was said over it. */
function isOfConnection(error: Error): boolean {
  if (error instanceof AggregateError) return error.errors.some(isOfConnection);
  return error instanceof ProcessEnded || ('code' in error && CONNECTION_ERRORS.has(String(error.code)));
}
