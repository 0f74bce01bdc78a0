import { signal } from '@preact/signals';

/** Unix time in milliseconds, to the second: for what shows how long something lasts. */
export const clock = signal(Date.now());

setInterval(() => {
  clock.value = Date.now();
}, 1000);
