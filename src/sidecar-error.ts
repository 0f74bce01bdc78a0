import { explainExit, explainStop } from '../machines/explain.js';
import type {
  CompileFailure,
  Holder,
  ProcessExit,
  SidecarEmitted,
  StopReason,
} from '../machines/sidecar.types.js';
import type { TransitionCause } from '../machines/transition-record.js';

/** How many of the last lines an error's message shows; `tail` has all of them. */
const SHOWN_LINES = 15;

type StoppedEvent = Extract<SidecarEmitted, { type: 'stopped' }>;

/** What went wrong with a sidecar. The subclasses say more. */
export class SidecarError extends Error {
  override readonly name: string = 'SidecarError';
}

/** A sidecar did not come up, or was stopped meanwhile. */
export class SidecarStartError extends SidecarError {
  override readonly name: string = 'SidecarStartError';
  /** Why it is stopped. */
  readonly reason: StopReason;
  /** What went wrong in the end; null when it was stopped as requested. */
  readonly trouble: TransitionCause | null;
  /** How its last process ended; null when none was started. */
  readonly exit: ProcessExit | null;
  /** The last lines of the compiler or the process, whichever it was. */
  readonly tail: readonly string[];

  constructor(name: string, { reason, cause, exit }: StoppedEvent) {
    const tail = cause?.type === 'compile-failed' ? cause.failure.tail : (exit?.tail ?? []);
    super(withTail(`The sidecar "${name}" did not start: ${explainStop(reason, cause)}`, tail));
    this.reason = reason;
    this.trouble = cause;
    this.exit = exit;
    this.tail = tail;
  }
}

/** Another program that is alive runs the sidecar: see `takeover`. */
export class SidecarHeldError extends SidecarStartError {
  override readonly name = 'SidecarHeldError';
  readonly holder: Holder;

  constructor(name: string, stopped: StoppedEvent, holder: Holder) {
    super(name, stopped);
    this.holder = holder;
  }
}

/** Why a start came to nothing. */
export function startError(name: string, stopped: StoppedEvent): SidecarStartError {
  const holder = stopped.cause?.type === 'spawn-failed' ? stopped.cause.failure.holder : undefined;
  return holder === undefined
    ? new SidecarStartError(name, stopped)
    : new SidecarHeldError(name, stopped, holder);
}

/** A reload's compilation failed, and the process was not replaced: one that was serving goes on serving. */
export class SidecarReloadError extends SidecarError {
  override readonly name = 'SidecarReloadError';
  readonly failure: CompileFailure;

  constructor(name: string, failure: CompileFailure) {
    super(withTail(`The sidecar "${name}" was not reloaded: ${failure.message}`, failure.tail));
    this.failure = failure;
  }
}

/** A process of the sidecar is still there after SIGKILL and `killTimeout`. */
export class SidecarUnkillableError extends SidecarError {
  override readonly name = 'SidecarUnkillableError';
}

/**
 * A request was not sent, because nothing can serve it now:
 * - `stopped`: the sidecar is stopped, or was never started;
 * - `timeout`: it did not become ready within `client.waitForReady`;
 * - `not-ready`: it is not ready, and whoever asked did not want to wait;
 * - `full`: `client.maxWaiting` requests wait already;
 * - `circuit-open`: it only failed the last requests, so it is given a rest;
 * - `transport`: a shared library takes calls and no requests, and a process the other way round.
 */
export class SidecarUnavailableError extends SidecarError {
  override readonly name = 'SidecarUnavailableError';
  readonly kind: 'stopped' | 'timeout' | 'not-ready' | 'full' | 'circuit-open' | 'transport';

  constructor(kind: SidecarUnavailableError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** The process ended before it had answered a request. */
export class SidecarDiedError extends SidecarError {
  override readonly name = 'SidecarDiedError';
  /** How it ended; null when that is not known, as when the sidecar was given up. */
  readonly exit: ProcessExit | null;
  /** The last lines that it printed. */
  readonly tail: readonly string[];
  /** Whether the request, or a part of it, was sent; one that was not sent had no effect. */
  readonly isSent: boolean;

  constructor(name: string, exit: ProcessExit | null, isSent: boolean) {
    const ended = exit === null ? 'it was given up' : `process ${exit.pid} ${explainExit(exit)}`;
    const when = isSent ? 'before it answered this request' : 'before this request was sent';
    super(withTail(`The sidecar "${name}" ended ${when}: ${ended}`, exit?.tail ?? []));
    this.exit = exit;
    this.tail = exit?.tail ?? [];
    this.isSent = isSent;
  }
}

/** A connection could not be made or broke off, though the process lives. `cause` is the error of the connection. */
export class SidecarConnectionError extends SidecarError {
  override readonly name = 'SidecarConnectionError';
  /** Whether the request, or a part of it, was sent; one that was not sent had no effect. */
  readonly isSent: boolean;

  constructor(name: string, cause: Error, isSent: boolean) {
    const what = isSent ? 'broke the connection off before it had answered' : 'can’t be connected to';
    super(`The sidecar "${name}" ${what}: ${cause.message}`, { cause });
    this.isSent = isSent;
  }
}

function withTail(message: string, tail: readonly string[]): string {
  return [message, ...tail.slice(-SHOWN_LINES).map((line) => `  | ${line}`)].join('\n');
}
