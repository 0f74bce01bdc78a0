import { duration, explainCause, explainTransition } from '../../machines/explain.js';
import type { SidecarEmitted, StopReason } from '../../machines/sidecar.types.js';
import type { TransitionRecord } from '../../machines/transition-record.js';
import type { Redactor } from '../redact/redactor.js';
import { readJsonLine } from './json-line.js';
import { type LogLevel, logAs, type SidecarLogger } from './logger.js';

type Emitted<Type extends SidecarEmitted['type']> = Extract<SidecarEmitted, { type: Type }>;

/** A longer line of the sidecar's is cut, in characters. */
const LONGEST_LINE = 8192;

/** Reasons to be stopped that nobody asked for, and that no restart mends. */
const HOPELESS: ReadonlySet<StopReason> = new Set([
  'restarts-exhausted',
  'unkillable',
  'taken',
  'compile-failed',
  'spawn-failed',
]);

/**
 * Writes what happens to a sidecar, and what it prints, to a logger: each transition with its reason, trouble as
 * warnings, and what ends it as errors.
 *
 * @param redactor of the configuration that the process is run with
 */
export function createEventLog(
  name: string,
  logger: SidecarLogger,
  redactor: () => Redactor,
): (event: SidecarEmitted) => void {
  const write = logAs(logger, name);
  let process: Process = null;
  /** Whether a compilation is for a reload: its failure makes no transition that tells. */
  let isReloading = false;

  return (event) => {
    if (event.type === 'spawned') process = { pid: event.pid, generation: event.generation };
    if (event.type === 'transition') isReloading = event.record.to === 'restarting.recompiling';
    if (event.type === 'compile-failed' && !isReloading) return;
    const entry =
      event.type === 'output'
        ? entryOfLine(event, event.source === 'process' ? process : null, redactor())
        : entryOf(event);
    if (entry !== null) write(entry.level, entry.fields, entry.message);
  };
}

/** One line of the log. */
interface Entry {
  readonly level: LogLevel;
  readonly fields: object;
  readonly message: string;
}

/** What is told of an event; null for what a transition tells already, and for what goes well. */
function entryOf(event: Exclude<SidecarEmitted, { type: 'output' }>): Entry | null {
  switch (event.type) {
    case 'transition': {
      const { from, to, event: cause, pid, generation, sequence } = event.record;
      return {
        level: levelOf(event.record),
        fields: { from, to, event: cause, pid, generation, sequence },
        message: `${to}: ${explainTransition(event.record)}`,
      };
    }
    case 'compile-failed': {
      const { kind, command, exitCode, message } = event.failure;
      return { level: 'error', fields: { kind, command, exitCode }, message: `not reloaded: ${message}` };
    }
    case 'warning':
      return { level: 'warn', fields: {}, message: event.message };
    case 'orphan-ended': {
      const { pid, command, outcome } = event;
      const message = `process ${pid} (${command}), left by an earlier run, was ${outcome}`;
      return { level: 'warn', fields: { pid, outcome }, message };
    }
    case 'resource-exhaustion': {
      const { resource, value, limit } = event;
      return { level: 'warn', fields: { resource, value, limit }, message: `${resource} is over its limit` };
    }
    case 'process-death': {
      const { pid, generation, code, signal, tail } = event;
      const fields = { pid, generation, code, signal, tail };
      return { level: 'warn', fields, message: `process ${pid} ended unexpectedly` };
    }
    case 'unhealthy':
      return { level: 'warn', fields: {}, message: `unhealthy: ${explainCause(event.cause)}` };
    case 'not-ready': {
      const { generation, report } = event;
      const why = report.passed ? '' : `: ${report.error}`;
      return { level: 'warn', fields: { generation, check: report.check }, message: `not ready${why}` };
    }
    case 'ready':
      return { level: 'info', fields: { generation: event.generation }, message: 'ready' };
    case 'circuit': {
      const level = event.state === 'closed' ? 'info' : 'warn';
      return { level, fields: {}, message: `the circuit is ${event.state}` };
    }
    case 'health-checked':
    case 'readiness-checked': {
      const { report, generation } = event;
      if (report.passed) return null;
      const message = `a check failed in ${duration(report.latency)}: ${report.error}`;
      return { level: 'debug', fields: { generation, check: report.check }, message };
    }
    default:
      return null;
  }
}

function levelOf({ to, cause, decision }: TransitionRecord): LogLevel {
  if (decision?.type === 'stop') {
    if (HOPELESS.has(decision.reason)) return 'error';
    return decision.trouble === null ? 'info' : 'warn';
  }
  if (decision?.type === 'restart' || to === 'degraded' || to.endsWith('.killing')) return 'warn';
  return isTrouble(cause, to) ? 'warn' : 'info';
}

function isTrouble({ type }: TransitionRecord['cause'], to: TransitionRecord['to']): boolean {
  // A process that is being stopped is meant to exit.
  if (to.startsWith('stop')) return false;
  return type === 'unhealthy' || type === 'limit' || type === 'spawn-failed' || type === 'compile-failed';
}

type Process = { readonly pid: number; readonly generation: number } | null;

/** A line of the sidecar's own: one in JSON keeps its level, its message, and its fields in `fields`. */
function entryOfLine(
  { source, stream, line }: Emitted<'output'>,
  process: Process,
  redactor: Redactor,
): Entry {
  const origin = { source, stream, ...process };
  const json = readJsonLine(line);
  if (json === null) return { level: 'info', fields: origin, message: redactor.text(cut(line)) };
  return {
    level: json.level,
    fields: { ...origin, fields: redactor.fields(json.fields) },
    message: redactor.text(cut(json.message)),
  };
}

function cut(line: string): string {
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line;
}
