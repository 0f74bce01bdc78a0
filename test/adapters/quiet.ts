import { setTimeout as wait } from 'node:timers/promises';
import { PATIENCE } from '../support/within.js';

/** How long a count must stay the same to be believed to have come to rest, in milliseconds. */
const REST = 500;

/** Waits until a count has come to rest. That it has not yet only makes it smaller than it would become. */
export async function quiet(count: () => number): Promise<void> {
  const end = performance.now() + PATIENCE;
  let last = -1;
  while (last !== count() || last === 0) {
    if (performance.now() > end)
      throw new Error(`waited ${PATIENCE} ms in vain for a count to rest at ${last}`);
    last = count();
    await wait(REST);
  }
}
