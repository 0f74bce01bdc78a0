import type { CheckedProcess, InstantCheck } from './check.js';

/** The library is loaded, its symbols resolve, and its health function returns 0. */
export function createDirectCheck({ library }: CheckedProcess): InstantCheck {
  return {
    name: 'the loaded library',
    look() {
      if (library === null) throw new Error('it is a process, not a shared library');
      library.check();
    },
    close() {},
  };
}
