import type { Dispatcher } from 'undici';
import { SidecarUnavailableError } from '../sidecar-error.js';
import { type RequestLog, send } from './attempt.js';
import type { Server, ServerLife, Serving, ServingSource } from './serving.js';
import type { RequestCounts } from './totals.js';
import { Upstream } from './upstream.js';
import { type Refusal, type Waiter, WaitingRequest } from './waiter.js';

type Handler = Dispatcher.DispatchHandler;
type Options = Dispatcher.DispatchOptions;

interface GateLimits {
  /** How long a request may wait, in milliseconds. */
  readonly waitForReady: number;
  /** How many may wait. */
  readonly maxWaiting: number;
  readonly connections: number;
}

/** Sends requests to the sidecar of the moment, keeps them while there is none, and refuses them when none will be. */
export class Gate {
  readonly #source: ServingSource;
  readonly #limits: GateLimits;
  readonly #log: RequestLog;
  readonly #counts: RequestCounts;
  #serving: Serving = { type: 'closed' };
  /** Connections to the incarnation that is open, or was last. */
  #upstream: Upstream | null = null;
  /** Connections to where the same incarnation listened before. */
  readonly #earlier = new Set<Upstream>();
  /** In the order in which they came, which is that of their deadlines. */
  readonly #waiting = new Set<Waiter>();
  #timer: NodeJS.Timeout | undefined;

  constructor(source: ServingSource, limits: GateLimits, log: RequestLog, counts: RequestCounts) {
    this.#source = source;
    this.#limits = limits;
    this.#log = log;
    this.#counts = counts;
  }

  /** How many requests wait now. */
  get waiting(): number {
    return this.#waiting.size;
  }

  get upstream(): Upstream | null {
    return this.#upstream;
  }

  get #openUpstream(): Upstream | null {
    return this.#serving.type === 'open' && this.#upstream?.isDoomed === false ? this.#upstream : null;
  }

  dispatch(options: Options, handler: Handler): boolean {
    const open = this.#openUpstream;
    if (open !== null) return send(options, handler, open, this.#log);
    const waiter = new WaitingRequest(handler, {
      deadline: this.#deadline(),
      counts: this.#counts,
      send: (upstream) => send(options, handler, upstream, this.#log),
      forget: () => this.#waiting.delete(waiter),
    });
    this.#keep(waiter);
    return true;
  }

  /**
   * Waits as a request does, and sends nothing.
   *
   * @param isPatient whether to wait at all; a sidecar that sleeps is woken in any case
   */
  async whenOpen(isPatient: boolean, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#openUpstream !== null) return;
    if (!isPatient && this.#serving.type !== 'closed') {
      if (this.#serving.type === 'dormant') this.#source.wake();
      throw this.#unavailable('not-ready');
    }
    let giveUp = () => {};
    try {
      await new Promise<void>((admit, fail) => {
        const waiter: Waiter = {
          deadline: this.#deadline(),
          enter() {},
          admit: () => admit(),
          refuse: (_, error) => fail(error),
        };
        giveUp = () => {
          this.#waiting.delete(waiter);
          fail(signal?.reason);
        };
        signal?.addEventListener('abort', giveUp, { once: true });
        this.#keep(waiter);
      });
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  /** Follows the sidecar: what may be done with requests now, and how the process that had some is doing. */
  update(serving: Serving, lifeOf: (server: Server) => ServerLife): void {
    this.#follow(lifeOf);
    this.#serving = serving;
    switch (serving.type) {
      case 'open':
        this.#connect(serving.server);
        this.#sendWaiting();
        break;
      case 'closed':
        this.#refuseWaiting();
        break;
      case 'waiting':
      case 'dormant':
        break;
    }
  }

  #follow(lifeOf: (server: Server) => ServerLife): void {
    const upstream = this.#upstream;
    if (upstream === null) return;
    const life = lifeOf(upstream.server);
    if (life.type === 'ending') void upstream.end();
    if (life.type !== 'dead') return;
    this.#upstream = null;
    for (const each of [upstream, ...this.#earlier]) each.die(life.exit);
    this.#earlier.clear();
  }

  #connect(server: Server): void {
    const present = this.#upstream;
    // The same incarnation, perhaps ready again.
    if (present?.server.endpoint === server.endpoint) return;
    if (present !== null) this.#moveFrom(present);
    this.#upstream = new Upstream(server, this.#limits.connections);
  }

  /** The process listens elsewhere now; what is under way may be finished, and ends with the process. */
  #moveFrom(upstream: Upstream): void {
    for (const each of this.#earlier) if (each.dependents.size === 0) this.#earlier.delete(each);
    this.#earlier.add(upstream);
    void upstream.end();
  }

  #sendWaiting(): void {
    const upstream = this.#openUpstream;
    if (upstream === null) return;
    clearTimeout(this.#timer);
    for (const waiter of this.#waiting) {
      this.#waiting.delete(waiter);
      waiter.admit(upstream);
    }
  }

  #refuseWaiting(): void {
    clearTimeout(this.#timer);
    for (const waiter of this.#waiting) {
      this.#waiting.delete(waiter);
      this.#refuse(waiter, 'stopped');
    }
  }

  #deadline(): number {
    return performance.now() + this.#limits.waitForReady;
  }

  /** Keeps a waiter, or refuses it. */
  #keep(waiter: Waiter): void {
    if (this.#serving.type === 'closed') {
      this.#refuse(waiter, 'stopped');
      return;
    }
    if (this.#waiting.size >= this.#limits.maxWaiting) {
      this.#refuse(waiter, 'full');
      return;
    }
    this.#waiting.add(waiter);
    waiter.enter();
    if (this.#waiting.size === 1) this.#watchDeadline(waiter);
    if (this.#serving.type === 'dormant') this.#source.wake();
  }

  /** One timer, for whoever has waited longest. */
  #watchDeadline(first: Waiter): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#refuseLate(), Math.max(0, first.deadline - performance.now()));
  }

  #refuseLate(): void {
    for (const waiter of this.#waiting) {
      // Timers are exact to a millisecond.
      if (waiter.deadline > performance.now() + 1) {
        this.#watchDeadline(waiter);
        return;
      }
      this.#waiting.delete(waiter);
      this.#refuse(waiter, 'timeout');
    }
  }

  #refuse(waiter: Waiter, kind: Refusal): void {
    waiter.refuse(kind, this.#unavailable(kind));
  }

  #unavailable(kind: Refusal | 'not-ready'): SidecarUnavailableError {
    const { waitForReady, maxWaiting } = this.#limits;
    const why = {
      stopped: 'can’t serve this request',
      timeout: `was not ready within ${waitForReady} ms (client.waitForReady)`,
      'not-ready': 'is not ready',
      full: `has ${maxWaiting} requests waiting already (client.maxWaiting)`,
    }[kind];
    const { name } = this.#source;
    return new SidecarUnavailableError(
      kind,
      `The sidecar "${name}" ${why}; it is ${this.#source.describe()}`,
    );
  }
}
