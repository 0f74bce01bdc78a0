import { CommanderError } from 'commander';
import { CliError, ExitCode } from './cli-error.js';

/** Says what went wrong, once and without a stack trace that nobody asked for, and sets the exit code. */
export function reportFailure(error: unknown): void {
  if (error instanceof CommanderError) {
    // It has said what was wrong itself.
    process.exitCode = error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
    return;
  }
  process.exitCode = error instanceof CliError ? error.exitCode : ExitCode.failed;
  console.error(textOf(error));
}

function textOf(error: unknown): string {
  if (error instanceof CliError) return `sidecar: ${error.message}`;
  if (!(error instanceof Error)) return `sidecar: ${String(error)}`;
  // What the library throws on purpose says all in its message; anything else is a fault, and its place matters.
  return error.name.startsWith('Sidecar') ? error.message : `sidecar: ${error.stack ?? error.message}`;
}
