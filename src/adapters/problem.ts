import { STATUS_CODES } from 'node:http';
import { now } from '../os/clock.js';
import type { Sidecar } from '../sidecar.js';
import {
  SidecarConnectionError,
  SidecarDiedError,
  SidecarError,
  SidecarUnavailableError,
} from '../sidecar-error.js';
import type { PlainAnswer } from './plain-answer.js';

/** Why a request is answered here and not by the sidecar. */
export type ProblemReason =
  | SidecarUnavailableError['kind']
  /** The process ended before it had answered. */
  | 'died'
  /** The connection failed, or what came over it is not HTTP. */
  | 'connection'
  /** Nothing moved for `timeout`. */
  | 'deadline'
  /** The request can't be sent on as it is. */
  | 'request'
  /** This server is set up so that it can't be served. */
  | 'set-up'
  /** Another request's business: nothing is mounted here. */
  | 'not-found'
  /** `maxUpgrades` WebSockets are open already. */
  | 'too-many-upgrades';

/** An answer that says why there is no other. */
export interface Problem {
  readonly status: number;
  readonly reason: ProblemReason;
  /** In one line, without what the process printed. */
  readonly detail: string;
  /** When another try may help, in seconds; null when that is not known. */
  readonly retryAfter: number | null;
}

/** Whoever sends a request on, or can't, says so by this. */
export class ProblemError extends SidecarError {
  override readonly name = 'ProblemError';
  readonly status: number;
  readonly reason: ProblemReason;

  constructor(status: number, reason: ProblemReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.reason = reason;
  }
}

/** What a function among the options gives. */
export function given<Value>(option: string, call: () => Value): Value {
  try {
    return call();
  } catch (cause) {
    throw new ProblemError(500, 'set-up', `the option ${option} threw: ${String(cause)}`, { cause });
  }
}

/** Tells a request that was not answered in time from one that was given up. */
export class DeadlineError extends Error {
  // The client's circuit breaker knows a deadline by this name.
  override readonly name = 'TimeoutError';
}

/** What an error of the client means to whoever asked. */
export function problemOf(error: unknown, sidecar: Sidecar): Problem {
  if (!(error instanceof Error)) return problem(502, 'connection', String(error));
  if (error instanceof ProblemError) {
    const retryAfter = error.status === 503 ? RETRY_SOON : null;
    return problem(error.status, error.reason, error.message, retryAfter);
  }
  if (error instanceof SidecarUnavailableError) {
    return problem(503, error.kind, error.message, retryAfter(sidecar, error.kind));
  }
  if (error instanceof SidecarDiedError) {
    // What was not sent had no effect and can be sent again.
    return error.isSent
      ? problem(502, 'died', error.message)
      : problem(503, 'died', error.message, RETRY_SOON);
  }
  if (error instanceof SidecarConnectionError) return problem(502, 'connection', error.message);
  if (error instanceof DeadlineError) return problem(504, 'deadline', error.message);
  if ('code' in error && INVALID_REQUESTS.has(String(error.code)))
    return problem(400, 'request', error.message);
  return problem(
    502,
    'connection',
    `The sidecar "${sidecar.config.name}" gave no usable answer: ${error.message}`,
  );
}

/**
 * The answer that tells a problem, as RFC 9457 has it.
 *
 * @param isExplained whether it says what the sidecar is doing and why, or its status alone
 */
export function problemAnswer(problem: Problem, sidecar: Sidecar, isExplained: boolean): PlainAnswer {
  const { status, reason, detail, retryAfter } = problem;
  // `about:blank`: it means what its status means (RFC 9457, 4.2.1).
  const general = { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status };
  const { name, state } = sidecar.status();
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(retryAfter === null ? {} : { 'retry-after': String(retryAfter) }),
    },
    body: JSON.stringify(isExplained ? { ...general, detail, reason, sidecar: name, state } : general),
  };
}

function problem(
  status: number,
  reason: ProblemReason,
  message: string,
  retryAfter: number | null = null,
): Problem {
  // Further lines are what the process printed: nothing for strangers.
  return { status, reason, detail: message.split('\n', 1).join(''), retryAfter };
}

/** What undici refuses to send. */
const INVALID_REQUESTS = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
]);

/** In seconds. */
const RETRY_SOON = 1;
/** In seconds: a sidecar that is stopped comes back when somebody starts it, which nobody can foresee. */
const RETRY_WHEN_STOPPED = 10;

function retryAfter(sidecar: Sidecar, kind: SidecarUnavailableError['kind']): number | null {
  if (kind === 'transport') return null;
  if (kind === 'stopped') return RETRY_WHEN_STOPPED;
  if (kind === 'circuit-open') return seconds(sidecar.config.client.circuitBreaker?.openFor ?? 0);
  const last = sidecar.history().at(-1);
  if (last?.to !== 'restarting.backingOff' || last.decision?.type !== 'restart') return RETRY_SOON;
  return seconds(last.time + last.decision.delay - now());
}

function seconds(milliseconds: number): number {
  return Math.max(RETRY_SOON, Math.ceil(milliseconds / 1000));
}
