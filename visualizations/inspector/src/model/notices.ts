import { signal } from '@preact/signals';

/** How long a notice is shown, in milliseconds. */
const SHOWN = 8000;

/** The last thing that a person should know; null for none. */
export const notice = signal<{ readonly text: string } | null>(null);

/** Tells a person something in words. */
export function notify(text: string): void {
  const told = { text };
  notice.value = told;
  setTimeout(() => {
    if (notice.peek() === told) notice.value = null;
  }, SHOWN);
}
