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

/** How a delay before a restart was chosen: `min(cap, base × factor ^ exponent) × jitter`. */
export interface Backoff {
  /** The delay itself, in milliseconds. */
  readonly delay: number;
  /** `restartDelay`, in milliseconds. */
  readonly base: number;
  /** `backoffFactor`. */
  readonly factor: number;
  readonly exponent: number;
  /** `maxRestartDelay`, in milliseconds. */
  readonly cap: number;
  /** What chance made of it: from `1 - restartJitter` to 1. */
  readonly jitter: number;
  /** The number in [0, 1) that was drawn for it: with it, the delay can be computed again. */
  readonly random: number;
}

/**
 * The delay before the `consecutive`th restart in a row (from 1), in milliseconds: exponential, capped, and shortened by
 * chance by at most `restartJitter`, so that sidecars that crashed together do not come back together.
 *
 * @param random a number in [0, 1)
 */
export function chooseBackoff(consecutive: number, config: ProcessConfig, random: number): Backoff {
  const { restartDelay, backoffFactor, maxRestartDelay, restartJitter } = config;
  const exponent = consecutive - 1;
  // A power that has grown to infinity leaves no delay at 0.
  const growth = restartDelay === 0 ? 1 : backoffFactor ** exponent;
  const jitter = 1 - restartJitter * random;
  return {
    delay: Math.round(Math.min(maxRestartDelay, restartDelay * growth) * jitter),
    base: restartDelay,
    factor: backoffFactor,
    exponent,
    cap: maxRestartDelay,
    jitter,
    random,
  };
}
