import type { ProcessConfig } from '../src/config/schema.js';

/** The automatic restarts that still count at `now`: those within the sliding window. */
export function restartsInWindow(
  restarts: readonly number[],
  { restartWindow }: ProcessConfig,
  now: number,
): readonly number[] {
  return restarts.filter((at) => now - at < restartWindow);
}

/** Whether one more automatic restart keeps the window within `maxRestarts`. */
export function hasBudget(restarts: readonly number[], config: ProcessConfig, now: number): boolean {
  return restartsInWindow(restarts, config, now).length < config.maxRestarts;
}

/**
 * The delay before the `consecutive`th restart in a row (from 1), in milliseconds: exponential, capped, and shortened by
 * chance by at most `restartJitter`, so that sidecars that crashed together do not come back together.
 *
 * @param random a number in [0, 1)
 */
export function backoffDelay(consecutive: number, config: ProcessConfig, random: number): number {
  const { restartDelay, backoffFactor, maxRestartDelay, restartJitter } = config;
  // A power that has grown to infinity leaves no delay at 0.
  const growth = restartDelay === 0 ? 1 : backoffFactor ** (consecutive - 1);
  const delay = Math.min(maxRestartDelay, restartDelay * growth);
  return Math.round(delay * (1 - restartJitter * random));
}
