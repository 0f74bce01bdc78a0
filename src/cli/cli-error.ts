/** How the command ends. Scripts rely on these; the help text of `sidecar` lists them. */
export const ExitCode = {
  ok: 0,
  /** What was asked for could not be done, or a sidecar ended against its will. */
  failed: 1,
  /** The command line or the configuration is wrong; nothing was started. */
  usage: 2,
  /** Ended at once by a second Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** Something that the user can mend, told in one message that says what, where and what to do. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = ExitCode.usage, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
