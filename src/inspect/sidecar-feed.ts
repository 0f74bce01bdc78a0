import type { InspectionEvent } from 'xstate';
import type { SidecarContext } from '../../machines/sidecar.types.js';
import { redactorOf } from '../redact/redactor.js';
import type { Sidecar } from '../sidecar.js';
import { machineJson } from './chart-as-v4.js';
import type { Command, HostMessage } from './messages.js';
import { PendingLines } from './pending-lines.js';
import { type PrintedLine, type Recent, shownHealth, shownLine, shownSample } from './recent.js';
import { isTold, shownEvent } from './shown-event.js';
import { stateJson } from './shown-state.js';
import { shownTransition } from './shown-transition.js';
import { StatusFeed } from './status-feed.js';

/** How often a status is told at most, in milliseconds; also of a state whose name is the same. */
const STATUS_INTERVAL = 250;
/** What waits to be told is told at once when there is more of it. */
const MOST_PENDING = 500;
/** So many lines are told of those before a viewer came. */
const RECENT_LINES = 300;

/** One sidecar that is shown. */
export interface InspectedSidecar {
  readonly name: string;
  readonly sidecar: Sidecar;
  /** Since before it was started, so that nothing is missed while the server is being loaded. */
  readonly recent: Recent;
}

export interface FeedOptions {
  /** Why a command is not taken, whatever the state is; null when it is. */
  readonly refusal: (command: Command) => string | null;
  /** Takes what is told to all viewers. */
  readonly tell: (message: HostMessage) => void;
  /** That there is something to be told. */
  readonly onPending: () => void;
  /** The inspector has a fault; the sidecar must not have it, too. */
  readonly onFault: (error: unknown) => void;
}

/**
 * What is told of one sidecar. It listens to its machine while somebody looks on, and only notes what it hears: the
 * messages are made afterwards, in `flush()`, off the way of what the machine has to do.
 */
export class SidecarFeed {
  readonly name: string;
  readonly sidecar: Sidecar;
  readonly #options: FeedOptions;
  readonly #recent: Recent;
  readonly #lines = new PendingLines();
  readonly #status: StatusFeed;
  #pending: (() => HostMessage)[] = [];
  #detach: (() => void) | null = null;
  /** The last transition and the last context that were told. */
  #sequence = 0;
  #told: SidecarContext | null = null;
  #statusAt = Number.NEGATIVE_INFINITY;

  constructor({ name, sidecar, recent }: InspectedSidecar, options: FeedOptions) {
    this.name = name;
    this.sidecar = sidecar;
    this.#options = options;
    this.#recent = recent;
    this.#status = new StatusFeed(name, sidecar, options.refusal);
    recent.listener = {
      line: (line) => this.#hearLine(line),
      sample: (sample) =>
        this.#note(() => ({ type: 'service.sample', sessionId: name, ...shownSample(sample) })),
      health: (report) =>
        this.#note(() => ({
          type: 'service.health',
          sessionId: name,
          ...shownHealth(report, this.#redactor),
        })),
    };
  }

  /** From the first viewer on. */
  attach(): void {
    if (this.#detach !== null) return;
    this.#sequence = this.sidecar.history().at(-1)?.sequence ?? 0;
    this.#told = null;
    const { actor } = this.sidecar;
    const inspection = actor.system.inspect((inspected) => this.#hear(inspected));
    const stopListening = this.sidecar.onDispose(() =>
      this.#note(() => ({ type: 'service.stop', sessionId: this.name })),
    );
    this.#detach = () => {
      inspection.unsubscribe();
      stopListening();
    };
  }

  /** Once the last viewer has gone. */
  detach(): void {
    this.#detach?.();
    this.#detach = null;
    this.#pending = [];
    this.#lines.clear();
  }

  close(): void {
    this.detach();
    this.#recent.close();
  }

  /** All that a viewer who has just come must know. What waits is told to the others first: it is part of this. */
  welcome(): readonly HostMessage[] {
    this.#tellPending();
    this.#tellLines(Number.POSITIVE_INFINITY);
    const { context, value } = this.#present();
    const event = context?.history.at(-1)?.event ?? 'xstate.init';
    return [
      {
        type: 'service.register',
        machine: machineJson(this.sidecar.actor.logic),
        state: stateJson(value, this.sidecar.actor.getSnapshot().context, event, { withConfig: true }),
        id: this.name,
        sessionId: this.name,
      },
      this.#status.present(),
      {
        type: 'service.recent',
        sessionId: this.name,
        transitions: this.sidecar
          .history()
          .map((record, index, all) =>
            shownTransition(this.#root, this.#config, record, index === all.length - 1 ? context : null),
          ),
        samples: this.#recent.samples.map(shownSample),
        healths: this.#recent.healths.map((report) => shownHealth(report, this.#redactor)),
        lines: this.#recent.lines(RECENT_LINES).map((line) => shownLine(line, this.#redactor)),
      },
    ];
  }

  /**
   * Tells what was noted.
   *
   * @param now by `performance.now()`
   * @returns whether there is more to be told, which is not yet due
   */
  flush(now: number): boolean {
    if (this.#detach === null) return false;
    this.#tellPending();
    const isStateLeft = this.#tellStatus(now);
    this.#tellLines(now);
    return isStateLeft || !this.#lines.isEmpty;
  }

  #tellPending(): void {
    const pending = this.#pending;
    this.#pending = [];
    for (const make of pending) this.#options.tell(make());
  }

  #tellLines(now: number): void {
    const output = this.#lines.take(now);
    if (output === null) return;
    const redactor = this.#redactor;
    const lines = output.lines.map((line) => shownLine(line, redactor));
    this.#options.tell({ type: 'service.output', sessionId: this.name, lines, dropped: output.dropped });
  }

  /** The status when it has changed; its clock and its clients change without a word from the machine. */
  #tellStatus(now: number): boolean {
    const { context } = this.#present();
    const isNew = context !== this.#told;
    if (now - this.#statusAt < STATUS_INTERVAL) return isNew;
    this.#statusAt = now;
    if (isNew && context !== null) this.#tellState(context);
    const status = this.#status.changed();
    if (status !== null) this.#options.tell(status);
    return false;
  }

  #tellState(context: SidecarContext): void {
    this.#told = context;
    const { value } = this.sidecar.actor.getSnapshot();
    const event = context.history.at(-1)?.event ?? 'xstate.init';
    this.#options.tell({
      type: 'service.state',
      sessionId: this.name,
      state: stateJson(value, context, event),
    });
  }

  #hear(inspected: InspectionEvent): void {
    if (inspected.actorRef !== this.sidecar.actor) return;
    this.#guarded(() => {
      if (inspected.type === '@xstate.event') this.#hearEvent(inspected.event);
      if (inspected.type === '@xstate.snapshot') this.#hearSnapshot(inspected.event.type);
    });
  }

  #hearEvent(event: Readonly<Record<string, unknown>> & { readonly type: string }): void {
    if (!isTold(event.type)) return;
    this.#note(() => ({
      type: 'service.event',
      sessionId: this.name,
      event: shownEvent(this.#config, event),
    }));
  }

  #hearSnapshot(event: string): void {
    const { context, value } = this.sidecar.actor.getSnapshot();
    const { history } = context;
    const last = history.at(-1)?.sequence ?? 0;
    if (last === this.#sequence) {
      if (context !== this.#told) this.#options.onPending();
      return;
    }
    const known = this.#sequence;
    this.#sequence = last;
    for (const record of history.filter(({ sequence }) => sequence > known)) {
      this.#note(() => ({
        type: 'service.transition',
        sessionId: this.name,
        transition: shownTransition(this.#root, this.#config, record, context),
      }));
    }
    this.#note(() => {
      this.#told = context;
      return { type: 'service.state', sessionId: this.name, state: stateJson(value, context, event) };
    });
  }

  #hearLine(line: PrintedLine): void {
    if (this.#detach === null) return;
    this.#guarded(() => {
      this.#lines.add(line);
      this.#options.onPending();
    });
  }

  #note(make: () => HostMessage): void {
    if (this.#detach === null) return;
    this.#guarded(() => {
      this.#pending.push(make);
      if (this.#pending.length > MOST_PENDING) this.#tellPending();
      this.#options.onPending();
    });
  }

  /** XState lets what a listener throws reach whoever sent the event, or end the process. */
  #guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#options.onFault(error);
    }
  }

  /** Before it has ever begun, its machine is past its first state, though nothing has happened. */
  #present(): { readonly context: SidecarContext | null; readonly value: unknown } {
    if (this.sidecar.history().length === 0) return { context: null, value: 'stopped' };
    return this.sidecar.actor.getSnapshot();
  }

  get #config() {
    return this.sidecar.actor.getSnapshot().context.config;
  }

  get #redactor() {
    return redactorOf(this.#config);
  }

  get #root() {
    return this.sidecar.actor.logic.root;
  }
}
