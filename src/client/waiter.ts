import type { Dispatcher } from 'undici';
import type { SidecarUnavailableError } from '../sidecar-error.js';
import { isNewer } from './attempt.js';
import type { RequestCounts } from './totals.js';
import type { Upstream } from './upstream.js';

/** Why nobody waits any longer, or at all. */
export type Refusal = 'stopped' | 'timeout' | 'full';

/** Somebody who is kept until the sidecar is ready. */
export interface Waiter {
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
  /** It waits from now on. */
  enter(): void;
  /** The sidecar is ready, there. */
  admit(upstream: Upstream): void;
  /** It is not, or not in time. */
  refuse(why: Refusal, error: SidecarUnavailableError): void;
}

interface Leave {
  readonly deadline: number;
  readonly counts: RequestCounts;
  /** Sends the request, which waits no longer. */
  readonly send: (upstream: Upstream) => void;
  /** The waiter gave up by itself. */
  readonly forget: () => void;
}

/** A request that waits to be sent. Whoever made it may give it up meanwhile. */
export class WaitingRequest implements Waiter {
  readonly deadline: number;
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #leave: Leave;
  readonly #controller: Dispatcher.DispatchController;
  /** When it began to wait; null when it was refused at once. */
  #since: number | null = null;
  #isSettled = false;
  #reason: Error | null = null;

  constructor(handler: Dispatcher.DispatchHandler, leave: Leave) {
    this.deadline = leave.deadline;
    this.#handler = handler;
    this.#leave = leave;
    this.#controller = this.#createController();
  }

  /** Lets the request be aborted while it waits. undici allows to be told so again when it is really sent. */
  enter(): void {
    this.#since = performance.now();
    if (isNewer(this.#handler)) this.#handler.onRequestStart?.(this.#controller, {});
    else this.#handler.onConnect?.((reason) => this.#abort(reason));
  }

  /** It is sent now: from here on the connection listens to what aborts it. */
  admit(upstream: Upstream): void {
    this.#isSettled = true;
    this.#countWait();
    this.#leave.send(upstream);
  }

  refuse(why: Refusal, error: SidecarUnavailableError): void {
    if (this.#isSettled) return;
    this.#leave.counts.ended(why);
    this.#fail(error);
  }

  #fail(error: Error): void {
    this.#isSettled = true;
    this.#countWait();
    if (isNewer(this.#handler)) this.#handler.onResponseError?.(this.#controller, error);
    else this.#handler.onError?.(error);
  }

  #abort(reason: Error | undefined): void {
    if (this.#isSettled) return;
    this.#reason = reason ?? new Error('the request was aborted');
    this.#leave.forget();
    this.#leave.counts.ended('failed');
    this.#fail(this.#reason);
  }

  #countWait(): void {
    if (this.#since !== null) this.#leave.counts.waited(performance.now() - this.#since);
  }

  #createController(): Dispatcher.DispatchController {
    const reason = () => this.#reason;
    return {
      get aborted() {
        return reason() !== null;
      },
      get reason() {
        return reason();
      },
      paused: false,
      abort: (error) => this.#abort(error),
      pause() {},
      resume() {},
    };
  }
}
