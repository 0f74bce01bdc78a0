import * as z from 'zod';
import type { TransitionRecord } from '../../machines/transition-record.js';
import type { WhatIf, WhatIfEvent } from '../../machines/what-if.js';
import { isRecord } from '../config/is-record.js';
import { redactorOf } from '../redact/redactor.js';
import type { Sidecar } from '../sidecar.js';
import { COMMANDS, type Command, type HostMessage, viewerMessageSchema } from './messages.js';
import { shownCause, shownDecision } from './shown-cause.js';
import { withoutSecrets } from './shown-context.js';

export interface RequestOptions {
  /** The one of this name. */
  readonly sidecar: (name: string) => Sidecar | undefined;
  /** Whether any event may be sent. */
  readonly development: boolean;
  /** Why a command is not taken, whatever the state is; null when it is. */
  readonly refusal: (command: string) => string | null;
}

/** Why something is not done, for people. */
class Refused extends Error {}

/** What a viewer asks and tells. */
export class Requests {
  readonly #options: RequestOptions;

  constructor(options: RequestOptions) {
    this.#options = options;
  }

  /** @returns what it is answered; null when there is nothing to say */
  answer(text: string): HostMessage | null {
    const json = parse(text);
    try {
      return this.#answer(json);
    } catch (error) {
      const id = isRecord(json) && typeof json['id'] === 'string' ? json['id'] : null;
      return { type: 'service.refused', id, reason: reasonOf(error) };
    }
  }

  #answer(json: unknown): HostMessage | null {
    const message = viewerMessageSchema.parse(json);
    switch (message.type) {
      case 'xstate.inspecting':
        return null;
      case 'xstate.event':
        this.#send(this.#sidecar(message.service), eventIn(message.event));
        return null;
      case 'sidecar.what-if': {
        const sidecar = this.#sidecar(message.sessionId);
        const answer = sidecar.whatIf(chartEvent(sidecar, message.event));
        return { type: 'service.what-if', id: message.id, answer: shownAnswer(sidecar, answer) };
      }
    }
  }

  #sidecar(name: string): Sidecar {
    const sidecar = this.#options.sidecar(name);
    if (sidecar === undefined) throw new Refused(`there is no sidecar "${name}"`);
    return sidecar;
  }

  #send(sidecar: Sidecar, event: SentEvent): void {
    const refusal = this.#options.refusal(event.type);
    if (refusal !== null) throw new Refused(refusal);
    const command = COMMANDS.find((each) => each === event.type);
    if (command === undefined && !this.#options.development) {
      throw new Refused(`only ${COMMANDS.join(', ')} may be sent: the inspector is not in development mode`);
    }
    const known = chartEvent(sidecar, event);
    if (known.type === 'after') throw new Refused('a timer runs out by itself');
    // Also finds out whether the machine can bear it: a guard that throws would end it.
    const answer = sidecar.whatIf(known);
    if (answer.type === 'ignored') throw new Refused(answer.explanation);
    if (command === undefined) sidecar.actor.send(known);
    else perform(sidecar, command);
  }
}

const sentEvent = z.looseObject({ type: z.string().max(200) });
type SentEvent = z.infer<typeof sentEvent>;

/** An event as it is, or in the wrapping of XState 4. */
function eventIn(text: string): SentEvent {
  const json = parse(text);
  return sentEvent.parse(isRecord(json) && json['$$type'] === 'scxml' ? json['data'] : json);
}

/** How it ends is told by what follows. */
function perform(sidecar: Sidecar, command: Command): void {
  const performs = {
    START: () => sidecar.start(),
    STOP: () => sidecar.stop(),
    RESTART: () => sidecar.restart(),
    RELOAD: () => sidecar.reload(),
  };
  performs[command]().catch(() => {});
}

/** @throws {Refused} for an event that the chart knows nothing of */
function chartEvent(sidecar: Sidecar, event: SentEvent): WhatIfEvent {
  if (isChartEvent(sidecar, event)) return event;
  throw new Refused(`the chart has no event "${event.type}"`);
}

/** Of its payload nothing is known: what the chart makes of it is tried before it is sent. */
function isChartEvent(sidecar: Sidecar, event: SentEvent): event is SentEvent & WhatIfEvent {
  if (event.type === 'after') return typeof event['delay'] === 'string';
  const events: readonly string[] = sidecar.actor.logic.events;
  return !event.type.startsWith('xstate.') && events.includes(event.type);
}

function shownAnswer(sidecar: Sidecar, answer: WhatIf) {
  const { type, explanation } = answer;
  const { config } = sidecar.actor.getSnapshot().context;
  const short = type === 'taken' ? { ...answer, transitions: answer.transitions.map(shownRecord) } : answer;
  return { ...withoutSecrets(config, short), type, explanation: redactorOf(config).text(explanation) };
}

function shownRecord(record: TransitionRecord): TransitionRecord {
  return { ...record, cause: shownCause(record.cause), decision: shownDecision(record.decision) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema says that it is not what is understood.
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError) return z.prettifyError(error);
  return error instanceof Error ? error.message : String(error);
}
