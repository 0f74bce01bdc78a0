import type { Dispatcher } from 'undici';
import type { SidecarRequestOptions } from '../client/client.js';
import type { Sidecar } from '../sidecar.js';
import { SidecarError } from '../sidecar-error.js';

/** One instance of a sidecar, and whether it may be given further requests. */
export interface Instance {
  readonly sidecar: Sidecar;
  /** A rollout lets it finish what it has. */
  readonly isDraining: () => boolean;
  /** Resolves once it is not; rejects with the reason of the signal. */
  readonly whenNotDraining: (signal: AbortSignal) => Promise<void>;
}

/**
 * Spreads requests over the instances of one sidecar: each goes to the one that is ready and has the fewest under way,
 * in turn among equals. From there on the rules are those of that instance's own `fetch()` and `request()`.
 */
export class FleetClient {
  readonly #instances: () => readonly [Instance, ...Instance[]];
  /** The one after that which was chosen last. */
  #next = 0;
  /** How many requests wait for an instance. */
  #waiting = 0;

  /** @param instances those of the moment */
  constructor(instances: () => readonly [Instance, ...Instance[]]) {
    this.#instances = instances;
  }

  /**
   * Makes a request with the platform's `fetch`. While no instance is ready it waits for the first that is, for
   * `client.waitForReady` at most. It rejects as `Sidecar.fetch()` does.
   */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    let sidecar: Sidecar;
    try {
      sidecar = this.#choose() ?? (await this.#whenAnyIsReady(init.signal));
    } catch (error) {
      // As one that is not ready in time would do.
      const { fallback } = this.#instances()[0].sidecar.config.client;
      if (fallback === undefined || !(error instanceof SidecarError)) throw error;
      return fallback(error, { method: init.method ?? 'GET', path });
    }
    return sidecar.fetch(path, init);
  }

  /** Makes a request with undici's `request`. Waits and throws as `fetch()`. */
  async request(options: SidecarRequestOptions): Promise<Dispatcher.ResponseData> {
    const sidecar = this.#choose() ?? (await this.#whenAnyIsReady(options.signal));
    return sidecar.request(options);
  }

  /** The instance that a request would be sent to now; null when none is ready. For its `dispatcher`, say. */
  pick(): Sidecar | null {
    return this.#leastBusy(({ isDraining }) => !isDraining()) ?? this.#leastBusy(() => true);
  }

  /** None while those that are ready have their turn in a rollout: a request waits for the new process then. */
  #choose(): Sidecar | null {
    const chosen = this.#leastBusy(({ isDraining }) => !isDraining());
    const mayWait = this.#waiting < this.#instances()[0].sidecar.config.client.maxWaiting;
    return chosen ?? (mayWait ? null : this.pick());
  }

  #leastBusy(isOffered: (instance: Instance) => boolean): Sidecar | null {
    const all = this.#instances();
    let chosen: { readonly sidecar: Sidecar; readonly at: number } | null = null;
    for (let offset = 0; offset < all.length; offset += 1) {
      const at = (this.#next + offset) % all.length;
      const instance = all[at];
      if (instance === undefined || !instance.sidecar.isReady || !isOffered(instance)) continue;
      const { sidecar } = instance;
      if (chosen === null || sidecar.inFlight < chosen.sidecar.inFlight) chosen = { sidecar, at };
    }
    if (chosen === null) return null;
    this.#next = chosen.at + 1;
    return chosen.sidecar;
  }

  /** The first that becomes ready. */
  async #whenAnyIsReady(aborted: unknown): Promise<Sidecar> {
    // undici takes emitters as well, which it listens to by itself.
    const signal = aborted instanceof AbortSignal ? aborted : null;
    const given = new AbortController();
    const patience = AbortSignal.any(signal === null ? [given.signal] : [given.signal, signal]);
    const waits = this.#instances().map(async ({ sidecar, whenNotDraining }) => {
      await whenNotDraining(patience);
      await sidecar.whenReady({ signal: patience });
      return sidecar;
    });
    this.#waiting += 1;
    try {
      return await Promise.any(waits);
    } catch (error) {
      signal?.throwIfAborted();
      throw firstOf(error);
    } finally {
      this.#waiting -= 1;
      given.abort();
    }
  }
}

/** What says most of several: that of the first instance. */
function firstOf(error: unknown): unknown {
  const [first = error] = error instanceof AggregateError ? error.errors : [];
  return first instanceof SidecarError ? first : error;
}
