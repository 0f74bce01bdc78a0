import { signal } from '@preact/signals';

/** Where an event would lead that was asked about: it is shown, and nothing was sent. */
export interface Hypothesis {
  readonly sidecar: string;
  /** What was active as it was asked; it says nothing about another state. */
  readonly from: readonly string[];
  readonly to: string;
}

/** Null while nothing is asked. */
export const hypothesis = signal<Hypothesis | null>(null);
