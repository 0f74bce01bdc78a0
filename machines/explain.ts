import { explainMeaning, meaningOfExit } from './exit-codes.js';
import type { Breach, ResourceName } from './resource-limits.js';
import type { ResourceTrend } from './resource-trend.js';
import type { Backoff } from './restart-policy.js';
import type { Endpoint, ExitStatus, OutOfMemory, StopReason } from './sidecar.types.js';
import type { TransitionCause, TransitionRecord } from './transition-record.js';

/** One transition in words: what was done, and why. */
export function explainTransition({ cause, decision }: TransitionRecord): string {
  if (decision?.type === 'restart') {
    const { attempt, maxRestarts, restartWindow, delay, trouble } = decision;
    const budget = `restart ${attempt} of ${maxRestarts} in ${duration(restartWindow)}`;
    return `${budget}, in ${duration(delay)}: ${explainCause(trouble ?? cause)}`;
  }
  if (decision?.type === 'stop') return explainStop(decision.reason, decision.trouble);
  return explainCause(cause);
}

/** Why a sidecar is stopped, in words. */
export function explainStop(reason: StopReason, trouble: TransitionCause | null): string {
  const because = trouble === null ? '' : `: ${explainCause(trouble)}`;
  switch (reason) {
    case 'requested':
      return 'as requested';
    case 'lazy':
      return 'it starts with the first request';
    case 'idle':
      return 'nothing used it; it starts again with the next request';
    case 'compile-failed':
      return `the compilation failed${because}`;
    case 'spawn-failed':
      return `it can't be started${because}`;
    case 'restarts-exhausted':
      return `the restart budget is used up${because}`;
    case 'auto-restart-disabled':
      return `it had to be replaced, and autoRestart is off${because}`;
    case 'exited':
      return `it ended by itself, and autoRestart is off${because}`;
    case 'taken':
      return `it was taken over${because}`;
    case 'unkillable':
      // A shared library has no process: a call in it does not return.
      return 'a process of the sidecar is still there after SIGKILL, or a call in its library still under way';
  }
}

/** What made something happen, in words. */
export function explainCause(cause: TransitionCause): string {
  switch (cause.type) {
    case 'created':
      return 'it was started';
    case 'command':
      return `${cause.command} was sent`;
    case 'compiled':
      return cause.outcome === 'skipped'
        ? 'everything is up to date'
        : `compiled in ${duration(cause.duration)}`;
    case 'compile-failed':
    case 'spawn-failed':
      return cause.failure.message;
    case 'spawned':
      return explainSpawned(cause);
    case 'requested':
      return 'a request came';
    case 'unused':
      return `nothing used it for ${duration(cause.after)}`;
    case 'exited':
      return explainExited(cause);
    case 'taken':
      return cause.by === null
        ? 'another program runs it now'
        : `another program (pid ${cause.by.pid}: ${cause.by.command}) runs it now`;
    case 'group-empty':
      return 'the last process of its group ended';
    case 'healthy':
      return `${cause.report.check} passed in ${duration(cause.report.latency)}`;
    case 'unhealthy':
      return `${cause.report.check} failed ${times(cause.failures)} in a row${lastError(cause.report)}`;
    case 'limit':
      return explainBreach(cause.breach);
    case 'within-limits':
      return 'it is within its limits again';
    case 'timeout':
      return explainTimeout(cause);
  }
}

/**
 * `exited with code 1` or `was ended by SIGKILL`, what the code stands for (`exited with code 137 (128 + 9, SIGKILL)`),
 * and whether it was for want of memory.
 *
 * @param meaning by default the one that does not depend on the program
 */
export function explainExit(
  exit: ExitStatus & { readonly outOfMemory?: OutOfMemory | null },
  meaning = meaningOfExit(exit, ''),
): string {
  const { code, signal, outOfMemory = null } = exit;
  const words = meaning === null ? '' : ` (${explainMeaning(meaning)})`;
  const how = signal === null ? `exited with code ${code}${words}` : `was ended by ${signal}`;
  if (outOfMemory === null) return how;
  const witness = outOfMemory.by === 'kernel' ? outOfMemory.counter : outOfMemory.line;
  return `${how}, out of memory (${witness})`;
}

function explainSpawned({ pid, endpoint }: Extract<TransitionCause, { type: 'spawned' }>): string {
  if (endpoint === null) return `process ${pid} was started, and has yet to say where it listens`;
  if (endpoint.transport === 'direct') return `${endpoint.library} was loaded`;
  return `process ${pid} was started for ${explainEndpoint(endpoint)}`;
}

/** Where a sidecar is reached, in words: an origin or a path. */
export function explainEndpoint(endpoint: Endpoint): string {
  if (endpoint.transport === 'ipc') return endpoint.socketPath;
  if (endpoint.transport === 'direct') return endpoint.library;
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
  return `http://${host}:${endpoint.port}`;
}

function explainExited({ exit, survivors, meaning }: Extract<TransitionCause, { type: 'exited' }>): string {
  const ended = `process ${exit.pid} ${explainExit(exit, meaning)}`;
  if (survivors === 0) return ended;
  // A server that puts itself into the background looks just like this.
  return `${ended} and left ${survivors} of its group behind (a sidecar must stay in the foreground)`;
}

function explainTimeout({ timeout, after, report }: Extract<TransitionCause, { type: 'timeout' }>): string {
  switch (timeout) {
    case 'startupTimeout':
      return `it was not healthy within ${duration(after)}${lastCheck(report)}`;
    case 'degradedTimeout':
      return `it did not recover within ${duration(after)}${lastCheck(report)}`;
    case 'stopTimeout':
      return `it did not end within the grace period of ${duration(after)}`;
    case 'killTimeout':
      return `it was still there ${duration(after)} after SIGKILL`;
    case 'backoff':
      return `waited ${duration(after)}`;
    case 'stableAfter':
      return `it ran for ${duration(after)}`;
  }
}

type Report = Extract<TransitionCause, { type: 'unhealthy' }>['report'];

function lastCheck(report: Report | null): string {
  if (report === null || report.passed) return '';
  return `; ${report.check} failed${lastError(report)}`;
}

function lastError(report: Report): string {
  return report.passed ? '' : `: ${report.error}`;
}

function explainBreach({ resource, value, limit, samples, window }: Breach): string {
  const how = samples === window ? `${samples} samples in a row` : `${samples} of the last ${window} samples`;
  const [used, most] = [amount(resource, value), amount(resource, limit)];
  return `${resourceWords[resource]} was over the limit in ${how}: ${used} of ${most}`;
}

/** Where a trend leads, in words: `memory: 512 MB in about 7 min at this rate (311 MB now, 28.7 MB more a minute)`. */
export function explainTrend({ resource, value, limit, perMinute, limitIn }: ResourceTrend): string {
  const rate = resource === 'memory' ? `${perSignificant(perMinute)} MB` : String(perSignificant(perMinute));
  const [now, most] = [amount(resource, value), amount(resource, limit)];
  const words = resourceWords[resource];
  return `${words}: ${most} in about ${roughly(limitIn)} at this rate (${now} now, ${rate} more a minute)`;
}

function perSignificant(value: number): number {
  return Number(value.toPrecision(3));
}

/** A guess: `40 s`, `7 min`, `3 h`. */
function roughly(milliseconds: number): string {
  const minutes = milliseconds / 60_000;
  if (minutes < 1.5) return `${Math.max(1, Math.round(milliseconds / 1000))} s`;
  return minutes < 90 ? `${Math.round(minutes)} min` : `${Math.round(minutes / 60)} h`;
}

const resourceWords: Readonly<Record<ResourceName, string>> = {
  memory: 'memory',
  cpu: 'CPU',
  fileDescriptors: 'the number of file descriptors',
};

function amount(resource: ResourceName, value: number): string {
  switch (resource) {
    case 'memory':
      return `${Math.round(value)} MB`;
    case 'cpu':
      return `${Math.round(value)} %`;
    case 'fileDescriptors':
      return String(value);
  }
}

/** How a delay came about: `5 s × 2² × jitter 0.82, capped at 60 s`. */
export function explainBackoff({ base, factor, exponent, cap, jitter }: Backoff): string {
  const growth =
    exponent === 0 || base === 0 ? '' : ` × ${factor}${exponent === 1 ? '' : superscript(exponent)}`;
  const rounded = Number(jitter.toFixed(2));
  const chance = rounded === 1 ? '' : ` × jitter ${rounded}`;
  return `${duration(base)}${growth}${chance}, capped at ${duration(cap)}`;
}

function superscript(exponent: number): string {
  return [...String(exponent)].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)] ?? '').join('');
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

/** `350 ms`, `4.1 s`, `10 min`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 120_000) return `${Number((milliseconds / 1000).toFixed(1))} s`;
  return `${Number((milliseconds / 60_000).toFixed(1))} min`;
}
