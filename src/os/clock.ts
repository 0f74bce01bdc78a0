/** Unix time in milliseconds, from a clock that counts on through clock changes, as `Date.now()` does not. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** A clock for an actor whose timers must not keep the host alive. */
export const unrefClock = {
  setTimeout: (callback: (...args: unknown[]) => void, delay: number) => setTimeout(callback, delay).unref(),
  clearTimeout: (timer: NodeJS.Timeout) => clearTimeout(timer),
};
