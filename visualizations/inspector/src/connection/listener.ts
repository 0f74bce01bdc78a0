import { batch } from '@preact/signals';
import type { AnyStateMachine } from 'xstate';
import type { HostMessageOf } from '../../../../src/inspect/messages.js';
import { readV4Machine } from '../chart/read-v4-machine.js';
import { leavesOf } from '../chart/state-value.js';
import { InspectedSidecar } from '../model/inspected-sidecar.js';
import type { Inspection, WhatIfAnswer } from '../model/inspection.js';
import { notify } from '../model/notices.js';
import { isPassed, type Passed } from './shown-message.js';

/** A message as the receiver of `@xstate/inspect` hands it over. */
type Received =
  | {
      readonly type: 'service.register';
      readonly sessionId: string;
      readonly machine: AnyStateMachine;
      readonly state: State;
    }
  | { readonly type: 'service.state'; readonly sessionId: string; readonly state: State }
  | { readonly type: 'service.event' | 'service.stop'; readonly sessionId: string };

interface State {
  readonly value: unknown;
  readonly context: unknown;
}

/** How long sidecars of an earlier connection may take to be told of again, in milliseconds. */
const PATIENCE = 3000;

/** Keeps what a host tells in an inspection. */
export class Listener {
  readonly #inspection: Inspection;
  readonly #answered: (id: string, answer: WhatIfAnswer | Error) => void;
  /** Those that this connection told of. */
  #registered = new Set<string>();

  constructor(inspection: Inspection, answered: (id: string, answer: WhatIfAnswer | Error) => void) {
    this.#inspection = inspection;
    this.#answered = answered;
  }

  hear(message: Received): void {
    // One picture for all that a message changes.
    batch(() => {
      if (message.type === 'service.register') this.#register(message);
      else if (message.type === 'service.state') this.#showState(message);
      else if (isPassed(message)) this.#hearPassed(message);
    });
  }

  #register({ sessionId, machine, state }: Extract<Received, { type: 'service.register' }>): void {
    this.#registered.add(sessionId);
    const sidecar = new InspectedSidecar(sessionId, readV4Machine(machine));
    sidecar.leaves.value = leavesOf(state.value);
    sidecar.context.value = state.context;
    this.#inspection.add(sidecar);
  }

  #showState({ sessionId, state }: Extract<Received, { type: 'service.state' }>): void {
    const sidecar = this.#sidecar(sessionId);
    if (sidecar === null) return;
    const leaves = leavesOf(state.value);
    if (leaves.join() !== sidecar.leaves.peek().join()) sidecar.leaves.value = leaves;
    sidecar.context.value = state.context;
  }

  #hearPassed(message: Passed): void {
    switch (message.type) {
      case 'service.hello':
        this.#greet(message);
        break;
      case 'service.refused':
        this.#hearRefusal(message);
        break;
      case 'service.what-if':
        this.#answered(message.id, message.answer);
        break;
      default: {
        const sidecar = this.#sidecar(message.sessionId);
        if (sidecar !== null) keep(sidecar, message);
      }
    }
  }

  #greet({ title, version, readOnly, development }: HostMessageOf<'service.hello'>): void {
    const inspection = this.#inspection;
    inspection.title.value = title;
    inspection.version.value = version;
    inspection.readOnly.value = readOnly;
    inspection.development.value = development;
    this.#registered = new Set();
    if (inspection.sidecars.peek().size === 0) return;
    // The service was started anew, perhaps with others. What was shown stays until it is told of again.
    const registered = this.#registered;
    setTimeout(() => {
      if (registered === this.#registered) inspection.keepOnly(registered);
    }, PATIENCE);
  }

  #hearRefusal({ id, reason }: HostMessageOf<'service.refused'>): void {
    if (id === null) notify(reason);
    else this.#answered(id, new Error(reason));
  }

  #sidecar(id: string): InspectedSidecar | null {
    return this.#inspection.sidecars.peek().get(id) ?? null;
  }
}

function keep(sidecar: InspectedSidecar, message: Extract<Passed, { readonly sessionId: string }>): void {
  switch (message.type) {
    case 'service.status':
      sidecar.hearStatus(message);
      break;
    case 'service.transition':
      sidecar.addTransition(message.transition);
      break;
    case 'service.sample':
      sidecar.samples.push(message);
      break;
    case 'service.health':
      sidecar.healths.push(message);
      break;
    case 'service.output':
      sidecar.lines.push(message.lines, message.dropped);
      break;
    case 'service.recent':
      sidecar.recall(message);
      break;
    case 'service.stop':
      sidecar.giveUp();
      break;
  }
}
