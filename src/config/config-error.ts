/** One thing that is wrong with a configuration. */
export interface ConfigProblem {
  /** Where it is, for example `process.restartDelay`; empty for the whole configuration. */
  readonly path: string;
  /** What is wrong and what to do. */
  readonly message: string;
}

/** A configuration that can't be used. It lists every problem; nothing has been started. */
export class SidecarConfigError extends Error {
  override readonly name = 'SidecarConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ path, message }) => `  - ${path === '' ? '' : `${path}: `}${message}`);
    super(`The sidecar configuration has ${problems.length} problem(s):\n${lines.join('\n')}`);
    this.problems = problems;
  }
}
