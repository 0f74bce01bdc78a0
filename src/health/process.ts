import { isAlive } from '../os/process-group.js';
import type { CheckedProcess, InstantCheck } from './check.js';

/** The process is alive, and no zombie. */
export function createProcessCheck({ pid }: CheckedProcess): InstantCheck {
  return {
    name: `process ${pid}`,
    look() {
      if (!isAlive(pid)) throw new Error('it is not alive');
    },
    close() {},
  };
}
