import { batch, computed, signal } from '@preact/signals';
import type { HostMessageOf, ShownTransition } from '../../../../src/inspect/messages.js';
import type { InspectedSidecar } from './inspected-sidecar.js';

export type WhatIfAnswer = HostMessageOf<'service.what-if'>['answer'];

/** How it is with who tells. */
export type Connection =
  | { readonly type: 'connecting' }
  | { readonly type: 'open' }
  /** `retryAt` is a Unix time in milliseconds; `hasBeenOpen` is false while no connection ever came about. */
  | { readonly type: 'lost'; readonly retryAt: number; readonly hasBeenOpen: boolean }
  /** It is a file that tells. */
  | { readonly type: 'file'; readonly name: string };

/** Sidecars that are looked at, live or as they were. */
export class Inspection {
  readonly title = signal('');
  readonly version = signal('');
  readonly readOnly = signal(false);
  readonly development = signal(false);
  readonly connection = signal<Connection>({ type: 'connecting' });
  readonly sidecars = signal<ReadonlyMap<string, InspectedSidecar>>(new Map());
  readonly #chosen = signal<string | null>(null);
  /** Which transition of the selected one is looked at; null for the present. */
  readonly #sequence = signal<number | null>(null);

  readonly selected = computed<InspectedSidecar | null>(() => {
    const sidecars = this.sidecars.value;
    return sidecars.get(this.#chosen.value ?? '') ?? [...sidecars.values()][0] ?? null;
  });

  /** The transition that was gone back to; null for the present. */
  readonly moment = computed<ShownTransition | null>(() => {
    const sequence = this.#sequence.value;
    if (sequence === null) return null;
    return this.selected.value?.transitions.value.find((each) => each.sequence === sequence) ?? null;
  });

  /** The transitions of the selected one, up to what is looked at. */
  readonly shownTransitions = computed<readonly ShownTransition[]>(() => {
    const transitions = this.selected.value?.transitions.value ?? [];
    const moment = this.moment.value;
    return moment === null ? transitions : transitions.slice(0, transitions.indexOf(moment) + 1);
  });

  /** The states that are active in what is looked at. */
  readonly shownLeaves = computed<readonly string[]>(() => {
    const moment = this.moment.value;
    return moment === null ? (this.selected.value?.leaves.value ?? []) : [moment.to];
  });

  add(sidecar: InspectedSidecar): void {
    this.sidecars.value = new Map([...this.sidecars.peek(), [sidecar.id, sidecar]]);
  }

  keepOnly(ids: ReadonlySet<string>): void {
    this.sidecars.value = new Map([...this.sidecars.peek()].filter(([id]) => ids.has(id)));
  }

  select(id: string): void {
    batch(() => {
      this.#chosen.value = id;
      this.#sequence.value = null;
    });
  }

  /** Shows everything as it was right after a transition. */
  goTo(sequence: number): void {
    this.#sequence.value = sequence;
  }

  goLive(): void {
    this.#sequence.value = null;
  }

  /** One transition on, or back; beyond the last is the present. */
  step(by: 1 | -1): void {
    const transitions = this.selected.peek()?.transitions.peek() ?? [];
    const moment = this.moment.peek();
    const at = moment === null ? transitions.length : transitions.indexOf(moment);
    const next = transitions[Math.max(0, at + by)];
    this.#sequence.value = next?.sequence ?? null;
  }
}
