import { setTimeout as wait } from 'node:timers/promises';

/** Generous: a noisy machine must never fail a test that only waits for something to happen. */
export const PATIENCE = 60_000;

/** What `promise` comes to; an error that says what was waited for when it takes too long. */
export async function within<Value>(
  promise: Promise<Value>,
  what: () => string,
  patience = PATIENCE,
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${patience} ms in vain for ${what()}`)), patience);
  });
  try {
    return await Promise.race([promise, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for something that no event tells, such as the end of a process that is nobody's child. */
export async function eventually(holds: () => boolean, what: string, patience = PATIENCE): Promise<void> {
  const end = performance.now() + patience;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited ${patience} ms in vain for ${what}`);
    await wait(10);
  }
}
