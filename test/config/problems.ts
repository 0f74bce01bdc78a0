import { type ConfigProblem, resolveConfig, SidecarConfigError } from '../../src/index.js';

/** What `resolveConfig` says about a value that need not have the right type. Anything but its own error is passed on,
 * and so is one without a problem. */
export function problemsOf(config: unknown): readonly ConfigProblem[] {
  try {
    // What comes from plain JavaScript or a parsed file has no type that the compiler could check.
    Reflect.apply(resolveConfig, undefined, [config]);
    return [];
  } catch (error) {
    if (error instanceof SidecarConfigError && error.problems.length > 0) return error.problems;
    throw error;
  }
}
