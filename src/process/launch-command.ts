/** A program and its arguments. */
export interface LaunchCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * One command that starts a program through others, the first of them outermost. Each of them changes something about
 * itself and then becomes (execve(2)) what follows its own arguments, so that in the end the program has the pid of
 * the first. What can't be started ends the last of them with an exit code, so look before.
 */
export function throughLaunchers(launchers: readonly LaunchCommand[], program: LaunchCommand): LaunchCommand {
  return launchers.reduceRight<LaunchCommand>(
    (inner, { command, args }) => ({ command, args: [...args, inner.command, ...inner.args] }),
    program,
  );
}
