import { join } from 'node:path';
import { inject } from 'vitest';

/** Where a program of this repository was compiled to; see `compilePrograms`. */
export function program(path: string): string {
  return join(inject('programsFolder'), path.replace(/\.ts$/, '.js'));
}
