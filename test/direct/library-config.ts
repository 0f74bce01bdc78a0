import type { LoadedLibrary } from '../../machines/sidecar.types.js';
import type { Sidecar, SidecarConfig } from '../../src/index.js';
import { serverConfig } from '../support/server-config.js';

type Sections = Parameters<typeof serverConfig>[1] & object;

/** Functions of test/direct/fixtures/arithmetic.c. */
export const ARITHMETIC = {
  add: 'int add(int a, int b)',
  greet: 'const char *greet(const char *name)',
  sum: 'int sum(int count, ...)',
  count: 'int count(void)',
  wait_for_file: 'int wait_for_file(const char *path)',
  get_health: 'int get_health(void)',
  set_health: 'void set_health(int next)',
  crash: 'int crash(void)',
};

/** A sidecar that is a shared library, with short delays and long patience. */
export function libraryConfig(path: string, sections: Sections = {}): SidecarConfig {
  const { process, ...others } = sections;
  return serverConfig(
    {},
    {
      transport: 'direct',
      direct: { functions: ARITHMETIC, health: 'get_health' },
      ...others,
      process: { command: path, args: [], ...process },
    },
  );
}

/** The functions of the present incarnation. */
export function libraryOf(sidecar: Sidecar): LoadedLibrary {
  const { process } = sidecar.actor.getSnapshot().context;
  if (process === null || process.library === null) throw new Error('No library is loaded now.');
  return process.library;
}
