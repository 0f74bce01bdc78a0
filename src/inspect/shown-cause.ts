import type { CompileFailure, ProcessExit } from '../../machines/sidecar.types.js';
import type { TransitionCause, TransitionDecision } from '../../machines/transition-record.js';

/** So many of the last lines of what ended go along: all of them are among the lines of the log. */
const MOST_LINES = 5;

/** An end of a process, a few of its last lines with it. */
export function shownExit(exit: ProcessExit): ProcessExit {
  return { ...exit, tail: exit.tail.slice(-MOST_LINES) };
}

/** A cause that is short, whatever was printed before. */
export function shownCause(cause: TransitionCause): TransitionCause {
  switch (cause.type) {
    case 'exited':
      return { ...cause, exit: shownExit(cause.exit) };
    case 'compile-failed':
      return { ...cause, failure: shownFailure(cause.failure) };
    default:
      return cause;
  }
}

/** A decision that is short. */
export function shownDecision(decision: TransitionDecision | null): TransitionDecision | null {
  if (decision === null || decision.trouble === null) return decision;
  return { ...decision, trouble: shownCause(decision.trouble) };
}

function shownFailure(failure: CompileFailure): CompileFailure {
  return { ...failure, tail: failure.tail.slice(-MOST_LINES) };
}
