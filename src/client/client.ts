import type { Dispatcher } from 'undici';
import type { ClientConfig, FallbackRequest } from '../config/client-schema.js';
import { areRequestsTraced, traceRequest } from '../diagnostics/channels.js';
import { SidecarConnectionError, SidecarDiedError, SidecarError } from '../sidecar-error.js';
import { Circuit } from './circuit.js';
import { createDispatcher } from './dispatcher.js';
import { createFetchDispatcher, type FetchDispatcher } from './fetch-dispatcher.js';
import { Gate } from './gate.js';
import { IdleTimer } from './idle-timer.js';
import type { Server, ServerLife, Serving, ServingSource } from './serving.js';
import { type ClientTotals, type ClientWaits, RequestCounts, type RequestOutcome } from './totals.js';
import { type RequestWrapper, type WrappedRequest, withHeaders } from './wrapped-request.js';

/** What the requests of a sidecar are doing now. */
export interface ClientStatus {
  /** Sent and not yet answered to the end, open streams and WebSockets included. */
  readonly inFlight: number;
  /** Kept until the sidecar is ready. */
  readonly waiting: number;
  readonly waits: ClientWaits;
  readonly totals: ClientTotals;
}

/** A request as undici takes it; `method` is GET when left out. */
export type SidecarRequestOptions = Omit<Dispatcher.RequestOptions, 'origin' | 'method'> & {
  method?: Dispatcher.HttpMethod;
};

interface ClientOptions {
  readonly client: ClientConfig;
  readonly idleTimeout: number | null;
}

/** The origin that requests are made for: what the server reads in `Host`. Where they are sent is the gate's business. */
const ORIGIN = 'http://localhost';

/** Sends requests to a sidecar, whichever incarnation serves at the moment. */
export class SidecarClient {
  /** Goes around each request of `request()` and `fetch()`. */
  wrapper: RequestWrapper | null = null;
  readonly #config: ClientConfig;
  readonly #source: ServingSource;
  readonly #gate: Gate;
  readonly #idle: IdleTimer | null;
  readonly #fetchDispatcher: FetchDispatcher;
  #dispatcher: Dispatcher | null = null;
  #circuit: Circuit | null = null;
  readonly #counts = new RequestCounts();
  #generation = 0;
  #inFlight = 0;
  /** Who waits until nothing is under way. */
  readonly #onQuiet = new Set<() => void>();

  constructor({ client, idleTimeout }: ClientOptions, source: ServingSource) {
    this.#config = client;
    this.#source = source;
    this.#idle =
      idleTimeout === null ? null : new IdleTimer(idleTimeout, () => source.reportIdle(this.#generation));
    const log = {
      name: source.name,
      began: () => {
        this.#inFlight += 1;
        this.#idle?.began();
      },
      ended: (outcome: RequestOutcome) => {
        this.#inFlight -= 1;
        this.#counts.ended(outcome);
        this.#idle?.ended();
        if (this.#inFlight === 0) this.#tellQuiet();
      },
    };
    this.#gate = new Gate(source, client, log, this.#counts);
    this.#fetchDispatcher = createFetchDispatcher(this.#gate, ORIGIN);
    this.#circuit = this.#createCircuit();
  }

  get dispatcher(): Dispatcher {
    this.#dispatcher ??= createDispatcher(this.#gate);
    return this.#dispatcher;
  }

  /** How many requests were sent and are not yet answered to the end. */
  get inFlight(): number {
    return this.#inFlight;
  }

  get status(): ClientStatus {
    const { waits, totals } = this.#counts;
    return { inFlight: this.#inFlight, waiting: this.#gate.waiting, waits, totals };
  }

  /** Resolves once no request is under way; rejects with the reason of `signal`. */
  async whenQuiet(signal: AbortSignal | undefined): Promise<void> {
    if (this.#inFlight === 0) return;
    let giveUp = () => {};
    let quiet = () => {};
    try {
      await new Promise<void>((resolve, reject) => {
        quiet = resolve;
        giveUp = () => reject(signal?.reason);
        this.#onQuiet.add(quiet);
        signal?.addEventListener('abort', giveUp, { once: true });
      });
    } finally {
      this.#onQuiet.delete(quiet);
      signal?.removeEventListener('abort', giveUp);
    }
  }

  /** Follows the sidecar. */
  update(serving: Serving, lifeOf: (server: Server) => ServerLife): void {
    if (serving.type === 'open' && serving.server.generation !== this.#generation) {
      this.#generation = serving.server.generation;
      this.#idle?.start();
      // What the last process did is nothing against this one.
      this.#circuit?.retire();
      this.#circuit = this.#createCircuit();
    }
    if (serving.type !== 'open') this.#idle?.stop();
    this.#gate.update(serving, lifeOf);
  }

  whenReady(isPatient: boolean, signal: AbortSignal | undefined): Promise<void> {
    return this.#gate.whenOpen(isPatient, signal);
  }

  request(options: SidecarRequestOptions): Promise<Dispatcher.ResponseData> {
    // In this order: V8 gives objects that begin with a spread a shape that costs undici a tenth of its speed.
    const complete = { method: 'GET', origin: ORIGIN, ...options };
    const send = () => this.dispatcher.request(complete);
    const { method, path, body } = complete;
    if (!this.#isFollowed) return this.#send(send, method, () => isReplayable(body));
    return this.#follow({ method, path }, (added) => {
      const headers = withHeaders(options.headers, added);
      const sendThem = () => this.dispatcher.request({ ...complete, headers });
      return this.#send(sendThem, method, () => isReplayable(body));
    });
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    if (!path.startsWith('/')) throw new TypeError(`"${path}" must be a path, which starts with "/"`);
    const method = init.method ?? 'GET';
    try {
      if (!this.#isFollowed) return await this.#fetchWith(path, method, init);
      return await this.#follow({ method, path }, (added) => {
        const headers = new Headers(init.headers);
        for (const [name, value] of Object.entries(added)) headers.set(name, value);
        return this.#fetchWith(path, method, { ...init, headers });
      });
    } catch (error) {
      if (!(error instanceof SidecarError)) throw error;
      return this.fallBack(error, { method, path });
    }
  }

  /** What the configuration has for a request that the sidecar can't serve; throws the error when it has nothing. */
  async fallBack(error: SidecarError, request: FallbackRequest): Promise<Response> {
    const { fallback } = this.#config;
    if (fallback === undefined) throw error;
    return fallback(error, request);
  }

  #fetchWith(path: string, method: string, init: RequestInit): Promise<Response> {
    return this.#send(
      () => this.#fetchOnce(path, init),
      method,
      () => isReplayable(init.body),
    );
  }

  async #fetchOnce(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(`${ORIGIN}${path}`, { dispatcher: this.#fetchDispatcher, ...init });
    } catch (error) {
      // fetch hides what happened in the cause of a TypeError.
      throw error instanceof TypeError && error.cause instanceof SidecarError ? error.cause : error;
    }
  }

  #tellQuiet(): void {
    for (const tell of this.#onQuiet) tell();
  }

  get #isFollowed(): boolean {
    return this.wrapper !== null || areRequestsTraced();
  }

  #follow<Answer extends object>(
    request: WrappedRequest,
    send: (headers: Readonly<Record<string, string>>) => Promise<Answer>,
  ): Promise<Answer> {
    const { wrapper } = this;
    const sendWrapped = () => (wrapper === null ? send({}) : wrapper(request, send));
    if (!areRequestsTraced()) return sendWrapped();
    return traceRequest({ sidecar: this.#source.name, ...request }, sendWrapped);
  }

  #send<Answer>(send: () => Promise<Answer>, method: string, isReplayable: () => boolean): Promise<Answer> {
    return this.#config.retry ? this.#sendTwice(send, method, isReplayable) : this.#sendOnce(send);
  }

  async #sendTwice<Answer>(
    send: () => Promise<Answer>,
    method: string,
    isReplayable: () => boolean,
  ): Promise<Answer> {
    try {
      return await this.#sendOnce(send);
    } catch (error) {
      if (!isWorthRetrying(error, method) || !isReplayable()) throw error;
      return this.#sendOnce(send);
    }
  }

  #sendOnce<Answer>(send: () => Promise<Answer>): Promise<Answer> {
    return this.#circuit === null ? send() : this.#circuit.send(send);
  }

  #createCircuit(): Circuit | null {
    const { circuitBreaker } = this.#config;
    if (circuitBreaker === null) return null;
    return new Circuit(circuitBreaker, this.#source, () => this.#counts.ended('circuitOpen'));
  }
}

/** Those that have the same effect when they are sent twice (RFC 9110, 9.2.2). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

function isWorthRetrying(error: unknown, method: string): boolean {
  const isLost = error instanceof SidecarDiedError || error instanceof SidecarConnectionError;
  return isLost && (!error.isSent || IDEMPOTENT.has(method.toUpperCase()));
}

/** Whether a body can be sent a second time: a stream is used up by the first. */
function isReplayable(body: unknown): boolean {
  if (body === undefined || body === null || typeof body === 'string') return true;
  return (
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body) ||
    body instanceof Blob ||
    body instanceof FormData ||
    body instanceof URLSearchParams
  );
}
