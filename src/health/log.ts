import type { SingleCheckConfig } from '../config/check-schema.js';
import type { CheckedProcess, InstantCheck } from './check.js';

/** Passes once a matching line was printed. */
export function createLogCheck(
  { pattern }: Extract<SingleCheckConfig, { type: 'log' }>,
  { notices }: CheckedProcess,
): InstantCheck {
  const wanted = String(pattern);
  return {
    name: `a line that matches ${pattern}`,
    look() {
      if (!notices.hasPrinted(wanted)) throw new Error('it has not printed such a line yet');
    },
    watch: (changed) => notices.watch(changed),
    close() {},
  };
}
