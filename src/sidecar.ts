import type { Dispatcher } from 'undici';
import type { Actor } from 'xstate';
import type { Endpoint, LoadedLibrary, SidecarEmitted } from '../machines/sidecar.types.js';
import type { TransitionRecord } from '../machines/transition-record.js';
import type { WhatIf, WhatIfEvent } from '../machines/what-if.js';
import { SidecarClient, type SidecarRequestOptions } from './client/client.js';
import type { RequestWrapper } from './client/wrapped-request.js';
import { resolveConfig } from './config/resolve.js';
import type { ResolvedSidecarConfig, SidecarConfig } from './config/schema.js';
import type { Inspector } from './inspect/inspector.js';
import { Inspection } from './inspection.js';
import { logSidecar } from './log/sidecar-log.js';
import { now } from './os/clock.js';
import { redactorOf } from './redact/redactor.js';
import { SidecarActor, type SidecarEventOf } from './sidecar-actor.js';
import { SidecarError } from './sidecar-error.js';
import type { sidecarMachine } from './sidecar-machine.js';
import type { SidecarOptions } from './sidecar-options.js';
import { cannotBeCalled, describeServing, follow, unkillable } from './sidecar-serving.js';
import {
  healthOf,
  idleHealth,
  idleStatus,
  type SidecarHealth,
  type SidecarStatus,
  statusOf,
} from './sidecar-status.js';

/**
 * A helper process beside this one: compiled, started, watched, restarted and stopped by the statechart.
 *
 * Every method may be called at any time, also concurrently; none hangs: each settles at the latest when the
 * sidecar is running or stopped, and every state on the way there is bounded by the configuration.
 *
 * @throws {SidecarConfigError} from the constructor, listing everything that is wrong; nothing is started by it.
 */
export class Sidecar implements AsyncDisposable {
  /** The validated configuration, with all defaults. */
  readonly config: ResolvedSidecarConfig;
  readonly #machine: SidecarActor;
  /** Made with the first request. */
  #client: SidecarClient | null = null;
  #wrapper: RequestWrapper | null = null;
  readonly #endLog: () => Promise<void>;
  readonly #inspection: Inspection;

  constructor(config: SidecarConfig, { logger }: SidecarOptions = {}) {
    this.config = resolveConfig(config);
    this.#machine = new SidecarActor(this.config, (actor) => {
      // Whether it is used is known by who makes the requests.
      if (this.#client !== null) follow(this.#client, actor, false);
      else if (this.config.idleTimeout !== null) this.#requests();
    });
    const logged = {
      config: this.config,
      redactor: () => redactorOf(this.actor.getSnapshot().context.config),
      warn: (error: string) => this.#machine.report({ type: 'log.failed', error }),
      listen: (listener: (event: SidecarEmitted) => void) => void this.on('*', listener),
    };
    this.#endLog = logSidecar(logged, logger);
    const { name, inspect } = this.config;
    this.#inspection = new Inspection(inspect, { title: name, sidecars: () => new Map([[name, this]]) });
  }

  /** The state machine's actor, for those who want the machine itself. It is started by the first `start()`. */
  get actor(): Actor<typeof sidecarMachine> {
    return this.#machine.actor;
  }

  /**
   * Starts the sidecar; resolves once it is running. In `running` or `degraded`, and while a reload compiles, it does
   * nothing; while it is starting it waits along; while it is stopping it starts it again afterwards.
   *
   * Failures that may pass (a crash while starting, a port still held) are retried within the restart budget, which
   * by default takes about two minutes; `restart-scheduled` tells of each. With `process.autoRestart` off the first
   * one rejects.
   *
   * @param options.signal gives up: the sidecar is stopped, and the promise rejects with the signal's reason.
   * @throws {SidecarStartError} when it is stopped instead, with the reason, the exit and the last lines.
   */
  async start({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    signal?.throwIfAborted();
    this.#prepare();
    if (this.#machine.isServing) return;
    const giveUp = () => this.actor.send({ type: 'STOP' });
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      await this.#machine.settles(() => this.#machine.begin('START'), this.#machine.untilHealthy(0));
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  /**
   * Stops the sidecar: `stopSignal`, the grace period, then SIGKILL, to its whole process group. Resolves once
   * nothing of it is left; does nothing when it is stopped already. A compiler that is interrupted by it is asked to
   * end, and killed after 2 s; a later start waits for that.
   *
   * @throws {SidecarUnkillableError} when a process is still there `killTimeout` after SIGKILL.
   */
  async stop(): Promise<void> {
    if (!this.#machine.hasBegun || this.#machine.isGivenUp) return;
    const { context } = this.actor.getSnapshot();
    if (this.#machine.isStopped) {
      if (context.process !== null) throw unkillable(this.actor.getSnapshot());
      return;
    }
    await this.#machine.settles(
      () => this.actor.send({ type: 'STOP' }),
      (event) => {
        if (event.type !== 'stopped') return 'wait';
        return event.reason === 'unkillable' ? unkillable(this.actor.getSnapshot()) : 'done';
      },
    );
  }

  /**
   * Ends the process, compiles, and starts a new one, without backoff and with a full restart budget; resolves once
   * the new one is running. Starts a sidecar that is stopped.
   *
   * @throws {SidecarStartError} when it is stopped instead.
   */
  async restart(): Promise<void> {
    this.#prepare();
    const next = this.#machine.generation + 1;
    await this.#machine.settles(() => this.#machine.begin('RESTART'), this.#machine.untilHealthy(next));
  }

  /**
   * Compiles while the old process goes on serving, and replaces it only if that worked; resolves once the new one
   * is running. A sidecar that is still starting is restarted.
   *
   * @throws {SidecarReloadError} when the compilation failed: the process was not replaced.
   * @throws {SidecarStartError} when it is stopped instead, as when it was still starting and does not compile.
   * @throws {SidecarError} when the sidecar is stopped or stopping: there is nothing to reload.
   */
  async reload(): Promise<void> {
    this.#machine.require();
    const { name } = this.config;
    const snapshot = this.actor.getSnapshot();
    if (!this.#machine.hasBegun || snapshot.matches('stopped') || snapshot.matches('stopping')) {
      throw new SidecarError(
        `The sidecar "${name}" is not started, so there is nothing to reload: use start().`,
      );
    }
    await this.#machine.settles(() => this.actor.send({ type: 'RELOAD' }), this.#machine.untilReplaced());
  }

  /**
   * Whether the sidecar is up and its last check passed. A check younger than `healthCheck.cacheFor` is believed;
   * otherwise one is made now, which takes `healthCheck.timeout` at most. Never rejects.
   */
  async isHealthy(): Promise<boolean> {
    const { isHealthy } = await this.health();
    return isHealthy;
  }

  /** How it is, check by check, as old as `isHealthy()` allows. Never rejects. */
  async health(): Promise<SidecarHealth> {
    if (!this.#machine.isServing) return this.#healthNow();
    const { last } = this.actor.getSnapshot().context.health;
    const isFresh = last !== null && now() - last.checkedAt < this.config.healthCheck.cacheFor;
    if (!isFresh) await this.#machine.checkHealth();
    return this.#healthNow();
  }

  /**
   * Makes a request with the platform's `fetch`, over TCP or the Unix socket. While the sidecar starts, restarts or
   * is not ready, the request waits, for `client.waitForReady` at most; a lazy sidecar is started by it. A deadline is
   * set with `init.signal`.
   *
   * @param path path and query, from "/" on
   * @throws {SidecarUnavailableError} when nothing can serve it now: the sidecar is stopped, was not ready in time, or
   *   too many requests wait already.
   * @throws {SidecarDiedError} when the process ended before it had answered, within milliseconds of that. Reading a
   *   body that breaks off throws a TypeError, whose `cause` it is.
   * @throws {SidecarConnectionError} when the connection failed though the process lives.
   * @throws {TypeError} when the path or `init` can't be used.
   */
  fetch(path: string, init?: RequestInit): Promise<Response> {
    return this.#requests().fetch(path, init);
  }

  /**
   * Makes a request with undici's `request`, which is about twice as fast as `fetch`. Waits and throws as `fetch()`.
   */
  request(options: SidecarRequestOptions): Promise<Dispatcher.ResponseData> {
    return this.#requests().request(options);
  }

  /**
   * For anything else that undici can do: everything that is dispatched goes to the sidecar of the moment, and waits
   * and fails as with `fetch()`, without retry, circuit breaker and fallback.
   */
  get dispatcher(): Dispatcher {
    return this.#requests().dispatcher;
  }

  /**
   * Waits as a request does, and makes none: resolves once requests would be sent, at once if they would be now. A lazy
   * sidecar is started by it.
   *
   * @param options.wait `false` does not wait; default true, for `client.waitForReady` at most.
   * @param options.signal gives up: the promise rejects with the signal's reason.
   * @throws {SidecarUnavailableError} when it is stopped, was not ready in time, or too many wait already.
   */
  async whenReady({ wait = true, signal }: { wait?: boolean; signal?: AbortSignal } = {}): Promise<void> {
    await this.#requests().whenReady(wait, signal);
  }

  /**
   * Calls a function of the shared library, with the transport `direct`. It runs in this thread: the host does
   * nothing else until it returns.
   *
   * @throws {SidecarUnavailableError} when the library is not loaded now.
   */
  call(symbol: string, ...args: readonly unknown[]): unknown {
    return this.#requireLibrary().call(symbol, ...args);
  }

  /** Calls a function of the shared library in another thread. Throws as `call()`. */
  async callAsync(symbol: string, ...args: readonly unknown[]): Promise<unknown> {
    return this.#requireLibrary().callAsync(symbol, ...args);
  }

  /** Whether a request would be sent at once. */
  get isReady(): boolean {
    const { snapshot, isServing } = this.#machine;
    return isServing && snapshot?.context.readiness.isReady === true;
  }

  /** How many requests were sent and are not yet answered to the end, open streams included. */
  get inFlight(): number {
    return this.#client?.inFlight ?? 0;
  }

  /**
   * Resolves once no request to it is under way, at once when none is. It keeps no further ones away.
   *
   * @param options.signal gives up: the promise rejects with the signal's reason.
   */
  async whenQuiet({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    signal?.throwIfAborted();
    await this.#client?.whenQuiet(signal);
  }

  /** Where the process of the moment is reached; null when there is none, or it has not said where yet. */
  get endpoint(): Endpoint | null {
    return this.#machine.snapshot?.context.process?.endpoint ?? null;
  }

  /** What it is doing now. */
  status(): SidecarStatus {
    const { snapshot } = this.#machine;
    const status = snapshot === null ? idleStatus(this.config) : statusOf(snapshot.context);
    return this.#client === null
      ? status
      : { ...status, client: { ...status.client, ...this.#client.status } };
  }

  /** The last transitions (up to 100), oldest first, each with its cause. */
  history(): readonly TransitionRecord[] {
    return this.#machine.snapshot?.context.history ?? [];
  }

  /**
   * Why it is as it is, in sentences: what went wrong, when, what was done about it, and what comes next. With times of day
   * of this machine.
   */
  why(): string {
    return this.#machine.why();
  }

  /**
   * What the machine would do now on an event: a command, a report, or the end of a timer (`{ type: 'after', delay }`).
   * Computed by XState's pure `transition`, in every state: nothing is done, and nobody is told.
   *
   * @returns what it would do, each transition with its reason; or that the event is ignored, and why: also before the
   *   first start and after the sidecar was given up.
   */
  whatIf(event: WhatIfEvent): WhatIf {
    return this.#machine.whatIf(event);
  }

  /**
   * The inspector that `inspect` asks for: opened by the first start, or by this before it.
   *
   * @returns null without `inspect`
   * @throws {Error} when it can't listen, as when its port is taken
   */
  async inspector(): Promise<Inspector | null> {
    this.#machine.require();
    return this.#inspection.open();
  }

  /**
   * Listens to one kind of event; `'*'` to all.
   *
   * @returns the function that ends it.
   */
  on<Type extends SidecarEmitted['type'] | '*'>(
    type: Type,
    listener: (event: SidecarEventOf<Type>) => void,
  ): () => void {
    return this.#machine.on(type, listener);
  }

  /** Calls back once when the sidecar is given up (`await using`); at once when it was. Returns what ends that. */
  onDispose(listener: () => void): () => void {
    return this.#machine.onGivenUp(listener);
  }

  /**
   * Goes around each request of `fetch()` and `request()`, not of `dispatcher`; `sidecar-machine/telemetry` does.
   *
   * @returns the function that ends it.
   * @throws {SidecarError} when something goes around them already.
   */
  wrapRequests(wrapper: RequestWrapper): () => void {
    if (this.#wrapper !== null) {
      const { name } = this.config;
      throw new SidecarError(`The requests of the sidecar "${name}" are wrapped already: end that first.`);
    }
    this.#setWrapper(wrapper);
    return () => {
      if (this.#wrapper === wrapper) this.#setWrapper(null);
    };
  }

  /** Stops the sidecar and gives up its actor; it can't be started again. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.stop();
    } finally {
      await Promise.all([this.#endLog(), this.#machine.closeJournal(), this.#inspection.close()]);
      this.#machine.giveUp();
    }
  }

  #prepare(): void {
    this.#machine.require();
    this.#inspection.announce();
    this.#machine.layDown();
  }

  #requests(): SidecarClient {
    if (this.#client !== null) return this.#client;
    const client = new SidecarClient(this.config, {
      name: this.config.name,
      describe: () => this.#describe(),
      wake: () => this.#wake(),
      reportIdle: (generation) => this.actor.send({ type: 'client.idle', generation }),
      reportCircuit: (state) => this.actor.send({ type: 'client.circuit', state }),
    });
    client.wrapper = this.#wrapper;
    this.#client = client;
    const { isMade, hasBegun } = this.#machine;
    if (this.config.lazy && !hasBegun) client.update({ type: 'dormant' }, () => ({ type: 'alive' }));
    if (isMade) follow(client, this.actor, hasBegun);
    return client;
  }

  #setWrapper(wrapper: RequestWrapper | null): void {
    this.#wrapper = wrapper;
    if (this.#client !== null) this.#client.wrapper = wrapper;
  }

  /** A request came to a sidecar that sleeps until it is needed. */
  #wake(): void {
    this.#inspection.announce();
    this.#machine.layDown();
    this.actor.send({ type: 'client.requested' });
  }

  #requireLibrary(): LoadedLibrary {
    const library = this.#machine.isServing ? this.actor.getSnapshot().context.process?.library : null;
    if (library) return library;
    throw cannotBeCalled(this.config, this.#describe());
  }

  #describe(): string {
    const { snapshot } = this.#machine;
    return snapshot === null ? 'stopped: it was never started' : describeServing(snapshot);
  }

  #healthNow(): SidecarHealth {
    const { snapshot, isServing } = this.#machine;
    return snapshot === null ? idleHealth : healthOf(snapshot, isServing);
  }
}

/** Makes a sidecar from a configuration. Nothing is started until `start()`. */
export function createSidecar(config: SidecarConfig, options: SidecarOptions = {}): Sidecar {
  return new Sidecar(config, options);
}
