import { type Actor, type ActorOptions, createActor } from 'xstate';
import type { SidecarEmitted, SidecarEvent } from '../machines/sidecar.types.js';
import { type WhatIf, type WhatIfEvent, whatIf, whatIfNotStarted } from '../machines/what-if.js';
import { explainWhy } from '../machines/why.js';
import type { ResolvedSidecarConfig } from './config/schema.js';
import { publish } from './diagnostics/channels.js';
import { openJournal, type SidecarJournal } from './journal/sidecar-journal.js';
import { now, unrefClock } from './os/clock.js';
import { settledBy, type Verdict } from './settled-by.js';
import { SidecarError, SidecarReloadError, startError } from './sidecar-error.js';
import { sidecarMachine } from './sidecar-machine.js';
import { isServing, type SidecarSnapshot } from './sidecar-serving.js';
import { reloadOnSave } from './watch/reload-on-save.js';

/** The events of a sidecar that are called `Type`; `'*'` is all of them. */
export type SidecarEventOf<Type> = SidecarEmitted & (Type extends '*' ? unknown : { type: Type });

/**
 * The state machine's actor of one sidecar, with what can be asked of it at any time: before it was made, before it
 * has begun, and after it was given up.
 */
export class SidecarActor {
  readonly #config: ResolvedSidecarConfig;
  readonly #onCreated: (actor: Actor<typeof sidecarMachine>) => void;
  readonly #journal: SidecarJournal | null;
  readonly #endWatch: () => void;
  #actor: Actor<typeof sidecarMachine> | null = null;
  /** Listeners that came before the actor. */
  #attachments: readonly (() => void)[] = [];
  #onGivenUp: readonly (() => void)[] = [];
  #begun = false;
  #givenUp = false;

  /** @param onCreated is told of the actor before it has begun. */
  constructor(config: ResolvedSidecarConfig, onCreated: (actor: Actor<typeof sidecarMachine>) => void) {
    this.#config = config;
    this.#journal = openJournal(config, (error) => this.report({ type: 'state.failed', error }));
    this.#onCreated = onCreated;
    this.#endWatch = reloadOnSave({
      config,
      send: (event) => this.report(event),
      onTransition: (listener) => void this.on('transition', listener),
      onStopped: (listener) => void this.on('stopped', listener),
    });
  }

  /** Made as late as possible: the machine's first record bears the time at which it was made. */
  get actor(): Actor<typeof sidecarMachine> {
    this.#actor ??= this.#create();
    return this.#actor;
  }

  get isMade(): boolean {
    return this.#actor !== null;
  }

  /** Whether anything was ever started. */
  get hasBegun(): boolean {
    return this.#begun;
  }

  /** How it is; null before it has begun. */
  get snapshot(): SidecarSnapshot | null {
    return this.#begun ? this.actor.getSnapshot() : null;
  }

  get isGivenUp(): boolean {
    return this.#givenUp || (this.#actor !== null && this.#actor.getSnapshot().status !== 'active');
  }

  /** Up, or still serving while a reload compiles. */
  get isServing(): boolean {
    return this.#begun && !this.isGivenUp && isServing(this.actor.getSnapshot());
  }

  get isStopped(): boolean {
    return this.actor.getSnapshot().matches('stopped');
  }

  /** The first snapshot of a machine without a compile step is past the first spawn, though nothing has happened. */
  get generation(): number {
    return this.snapshot?.context.generation ?? 0;
  }

  on<Type extends SidecarEmitted['type'] | '*'>(
    type: Type,
    listener: (event: SidecarEventOf<Type>) => void,
  ): () => void {
    let detach = () => {};
    const attach = () => {
      const subscription = this.actor.on(type, listener);
      detach = () => subscription.unsubscribe();
    };
    if (this.#actor === null) this.#attachments = [...this.#attachments, attach];
    else attach();
    return () => {
      this.#attachments = this.#attachments.filter((each) => each !== attach);
      detach();
    };
  }

  /** A stopped actor drops every event without a word, so nobody may wait for one. */
  require(): void {
    if (this.isGivenUp) throw this.#wasGivenUp();
  }

  /** The machine of a lazy sidecar starts by waiting to be told to. */
  layDown(): void {
    if (this.#config.lazy && !this.#begun) this.actor.start();
  }

  begin(command: 'START' | 'RESTART'): void {
    if (this.#begun) this.actor.send({ type: command });
    else this.actor.start();
  }

  /** Does something and waits for the event that settles it. */
  settles(act: () => void, verdict: Verdict): Promise<void> {
    return settledBy(this.actor, act, verdict, () => this.#wasGivenUp());
  }

  /** Waits for a process of at least this generation to be healthy. */
  untilHealthy(generation: number): Verdict {
    return (event) => {
      if (event.type === 'healthy' && event.generation >= generation) return 'done';
      // A START while stopping passes through `stopped` without staying there.
      if (event.type !== 'stopped' || !this.isStopped) return 'wait';
      return startError(this.#config.name, event);
    };
  }

  /** Waits for a reload: for the next process to be healthy, or for its compilation to fail. */
  untilReplaced(): Verdict {
    const untilHealthy = this.untilHealthy(this.generation + 1);
    return (event) => {
      // Where nothing was left that could serve on, it is stopped, and that is told instead.
      const isNotReplaced = event.type === 'compile-failed' && !this.isStopped;
      return isNotReplaced ? new SidecarReloadError(this.#config.name, event.failure) : untilHealthy(event);
    };
  }

  /** Has its health checked now; resolves once it is, or there is nothing to be checked any more. */
  async checkHealth(): Promise<void> {
    const { generation } = this;
    await this.settles(
      () => this.actor.send({ type: 'health.requested' }),
      (event) => {
        if (event.type === 'health-checked' && event.generation === generation) return 'done';
        return event.type === 'transition' && !this.isServing ? 'done' : 'wait';
      },
    ).catch(() => {
      // The actor was stopped meanwhile: not healthy.
    });
  }

  /** Tells the machine of something, as long as it listens. */
  report(event: SidecarEvent): void {
    if (!this.isGivenUp) this.actor.send(event);
  }

  whatIf(event: WhatIfEvent): WhatIf {
    if (this.isGivenUp)
      return {
        type: 'ignored',
        state: this.snapshot?.context.history.at(-1)?.to ?? 'stopped',
        explanation: 'it was given up',
      };
    return this.snapshot === null
      ? whatIfNotStarted(sidecarMachine, this.#config, event)
      : whatIf(sidecarMachine, this.snapshot, event);
  }

  why(): string {
    const { snapshot } = this;
    if (snapshot === null) return 'It was never started.';
    return explainWhy(snapshot.context, { now: now(), clock: timeOfDay });
  }

  /** Writes the last entries of the journal, within a bound. */
  async closeJournal(): Promise<void> {
    await this.#journal?.close();
  }

  giveUp(): void {
    this.#givenUp = true;
    this.#actor?.stop();
    this.#tellGivenUp();
  }

  /** Calls back once when it is given up; at once when it was. */
  onGivenUp(listener: () => void): () => void {
    if (this.isGivenUp) listener();
    else this.#onGivenUp = [...this.#onGivenUp, listener];
    return () => {
      this.#onGivenUp = this.#onGivenUp.filter((each) => each !== listener);
    };
  }

  #tellGivenUp(): void {
    const listeners = this.#onGivenUp;
    this.#onGivenUp = [];
    this.#endWatch();
    void this.closeJournal();
    for (const listener of listeners) listener();
  }

  #create(): Actor<typeof sidecarMachine> {
    const clock = this.#config.process.unref ? { clock: unrefClock } : {};
    const actor = createActor(sidecarMachine, { input: this.#config, ...clock, ...this.#inspection() });
    this.#actor = actor;
    const first = actor.on('transition', () => {
      this.#begun = true;
      first.unsubscribe();
    });
    const { name } = this.#config;
    actor.on('*', (event) => publish(name, event));
    actor.subscribe({ complete: () => this.#tellGivenUp() });
    const attachments = this.#attachments;
    this.#attachments = [];
    for (const attach of attachments) attach();
    this.#onCreated(actor);
    return actor;
  }

  /** Lets the journal hear each step: nothing else tells of an event together with what followed. */
  #inspection(): Pick<ActorOptions<typeof sidecarMachine>, 'inspect'> {
    const journal = this.#journal;
    if (journal === null) return {};
    return {
      inspect: (inspected) => {
        if (inspected.type !== '@xstate.snapshot' || inspected.actorRef !== this.#actor) return;
        journal.hear(inspected.event, this.#actor.getSnapshot().context);
      },
    };
  }

  #wasGivenUp(): SidecarError {
    return new SidecarError(`The sidecar "${this.#config.name}" was given up: its actor was stopped.`);
  }
}

function timeOfDay(time: number): string {
  return new Date(time).toTimeString().slice(0, 8);
}
