import { signal } from '@preact/signals';

/** Where an event would lead that was asked about: it is shown, and nothing was sent. Null while nothing is asked. */
export const hypothesis = signal<{ readonly sidecar: string; readonly to: string } | null>(null);
