import { duration, explainBackoff, explainCause, explainStop } from './explain.js';
import { callsForReplacement } from './resource-limits.js';
import type { SidecarContext } from './sidecar.types.js';
import type { TransitionCause, TransitionDecision, TransitionRecord } from './transition-record.js';

/** What the reasons are read from. */
export type Explained = Pick<
  SidecarContext,
  'config' | 'history' | 'trouble' | 'process' | 'generation' | 'health' | 'deadline'
>;

export interface WhyOptions {
  /** Unix time in milliseconds, by the clock of the records. */
  readonly now: number;
  /** Writes a time of day: `12:00:01`. */
  readonly clock: (time: number) => string;
}

type RestartDecision = Extract<TransitionDecision, { type: 'restart' }>;

/** At most so many restarts are told one by one. */
const MOST_TOLD = 5;

/** Why a sidecar is as it is: the chain of causes, as sentences. Pure. */
export function explainWhy(subject: Explained, options: WhyOptions): string {
  const last = subject.history.at(-1);
  if (last === undefined) return 'It was never started.';
  return sentences(stateOf(subject, last, options)).join(' ');
}

function stateOf(subject: Explained, last: TransitionRecord, options: WhyOptions): string[] {
  const { now, clock } = options;
  const since = `since ${clock(last.time)} (${duration(Math.max(0, now - last.time))})`;
  switch (last.to) {
    case 'running':
      return [
        `running ${since}, generation ${subject.generation}: ${explainCause(last.cause)}`,
        ...restartsSoFar(subject, options),
      ];
    case 'degraded':
      return [
        `degraded ${since}: ${troubleOf(subject.trouble ?? last.cause, options)}`,
        afterDegraded(subject, last, options),
      ];
    case 'compiling':
      return [`compiling ${since}: ${explainCause(last.cause)}`];
    case 'spawning':
    case 'waitingHealthy':
      return starting(subject, last, since, options);
    case 'stopped':
      return stopped(subject, last, since, options);
    case 'restarting.backingOff':
      return restart(subject, options, `next try in ${remaining(last, now)}`);
    case 'restarting.recompiling':
      return [`compiling for a reload ${since}`, ...stillServing(subject)];
    case 'restarting.deciding':
    case 'restarting.terminating':
    case 'restarting.killing':
      return [
        `being replaced ${since}: ${troubleOf(subject.trouble ?? last.cause, options)}`,
        ...ending(subject, options),
      ];
    case 'stopping.terminating':
    case 'stopping.killing':
      return [`stopping ${since}: ${explainCause(reasonOfStop(subject, last))}`, ...ending(subject, options)];
  }
}

/** The automatic restart under way: how many there were, why, how the process before ended, and what is next. */
function restart(subject: Explained, options: WhyOptions, next: string): string[] {
  const decided = lastDecision(subject.history);
  if (decided === null) return [next];
  const { decision, index } = decided;
  const budget = `restart ${decision.attempt} of ${decision.maxRestarts} in the last ${duration(decision.restartWindow)}`;
  const trouble = decision.trouble ?? subject.history[index]?.cause ?? null;
  return [
    [
      `${budget}: ${trouble === null ? 'for no known reason' : troubleOf(trouble, options)}`,
      ...endOf(subject, index, trouble),
      `${next} (${explainBackoff(decision.backoff)})`,
    ].join('; '),
  ];
}

function starting(subject: Explained, last: TransitionRecord, since: string, options: WhyOptions): string[] {
  const { health, process, config } = subject;
  const until = last.time + config.healthCheck.startupTimeout;
  const check = health.last;
  const found =
    process === null
      ? [`process number ${subject.generation} is being started ${since}`]
      : [`process ${process.pid} was started and is not healthy yet, ${since}`];
  if (check !== null && !check.passed)
    found.push(`${check.check} failed ${often(health.failures)}: ${check.error}`);
  found.push(`it is replaced unless it is healthy by ${options.clock(until)}`);
  // A first start, and one that was asked for, has nothing before it that explains it.
  const isRestart = decidesPresent(subject.history);
  return isRestart
    ? [...restart(subject, options, 'the next try is under way'), found.join('; ')]
    : [found.join('; ')];
}

function stopped(
  { history }: Explained,
  last: TransitionRecord,
  since: string,
  options: WhyOptions,
): string[] {
  const { decision } = last;
  if (decision?.type !== 'stop') return [`stopped ${since}`];
  const { reason, trouble } = decision;
  const told = [`stopped ${since}: ${explainStop(reason, null)}`];
  if (trouble !== null && reason !== 'requested' && reason !== 'idle' && reason !== 'lazy') {
    told.push(`the last trouble: ${troubleOf(trouble, options)}`);
  }
  return reason === 'restarts-exhausted' ? [...told, ...restartsTold(history, options)] : told;
}

function afterDegraded(
  { config, trouble }: Explained,
  last: TransitionRecord,
  { clock }: WhyOptions,
): string {
  if (!callsForReplacement(trouble)) return 'this is borne, and it is not replaced for it';
  if (!config.process.autoRestart) return 'it is not replaced, as autoRestart is off';
  return `it is replaced unless it recovers by ${clock(last.time + config.healthCheck.degradedTimeout)}`;
}

function stillServing({ process }: Explained): string[] {
  return process?.exit === null ? [`process ${process.pid} serves on until that has worked`] : [];
}

/** A process that is being ended now. */
function ending({ process, config, deadline, history }: Explained, { clock }: WhyOptions): string[] {
  if (process === null || deadline === null) return [];
  const isKilled = history.at(-1)?.to.endsWith('.killing') ?? false;
  const who = `process ${process.pid}`;
  if (isKilled) return [`${who} was killed, and counts as unkillable at ${clock(deadline)}`];
  return [`${who} was asked to end (${config.process.stopSignal}), and is killed at ${clock(deadline)}`];
}

/** How the process before a restart ended, when it had to be ended. */
function endOf({ history, config }: Explained, decidedAt: number, trouble: TransitionCause | null): string[] {
  const begin = history.slice(0, decidedAt).findLastIndex(({ to }) => to === 'spawning');
  const life = history.slice(begin + 1, decidedAt + 1);
  const { stopSignal, stopTimeout } = config.process;
  const asked = life.find(({ to }) => to === 'restarting.terminating');
  if (asked === undefined || trouble?.type === 'exited') return [];
  const wasKilled = life.some(({ to }) => to === 'restarting.killing');
  const who = `process ${asked.pid ?? ''}`.trimEnd();
  if (wasKilled) return [`${who} ignored ${stopSignal} for ${duration(stopTimeout)} and was killed`];
  return [`${who} ended when it was asked to (${stopSignal})`];
}

function restartsSoFar({ history }: Explained, options: WhyOptions): string[] {
  const restarts = restartsSinceAsked(history);
  if (restarts.length === 0) return [];
  return [
    `it was restarted ${often(restarts.length)} since it was asked to start`,
    ...restartsTold(history, options),
  ];
}

function restartsTold(history: readonly TransitionRecord[], options: WhyOptions): string[] {
  return restartsSinceAsked(history)
    .slice(-MOST_TOLD)
    .map(({ time, cause, decision }) => {
      const trouble = decision?.type === 'restart' ? (decision.trouble ?? cause) : cause;
      return `at ${options.clock(time)}: ${troubleOf(trouble, options)}`;
    });
}

/** The automatic restarts since a person last had a say, as far back as the history goes. */
function restartsSinceAsked(history: readonly TransitionRecord[]): readonly TransitionRecord[] {
  const asked = history.findLastIndex(
    ({ cause }) => cause.type === 'command' || cause.type === 'created' || cause.type === 'requested',
  );
  return history.slice(asked + 1).filter(({ decision }) => decision?.type === 'restart');
}

function lastDecision(
  history: readonly TransitionRecord[],
): { readonly decision: RestartDecision; readonly index: number } | null {
  const index = history.findLastIndex(({ decision }) => decision?.type === 'restart');
  const decision = history[index]?.decision;
  return decision?.type === 'restart' ? { decision, index } : null;
}

/** Whether the start under way follows from an automatic restart. */
function decidesPresent(history: readonly TransitionRecord[]): boolean {
  const spawned = history.findLastIndex(({ to }) => to === 'spawning');
  return history[spawned]?.from === 'restarting.backingOff';
}

function reasonOfStop({ history }: Explained, last: TransitionRecord): TransitionCause {
  const begin = history.findLastIndex(({ from }) => from !== null && !from.startsWith('stopping'));
  return history.slice(begin).find(({ to }) => to.startsWith('stopping'))?.cause ?? last.cause;
}

/** A cause with the times at which it was seen. */
function troubleOf(cause: TransitionCause, { clock }: WhyOptions): string {
  if (cause.type !== 'unhealthy' || cause.report.passed) return explainCause(cause);
  const { report, failures, failedAt } = cause;
  const times = `${failedAt.length < failures ? '…, ' : ''}${failedAt.map(clock).join(', ')}`;
  return `${report.check} failed ${often(failures)} (${times}): ${report.error}`;
}

function remaining({ time, decision }: TransitionRecord, now: number): string {
  const delay = decision?.type === 'restart' ? decision.delay : 0;
  return duration(Math.max(0, time + delay - now));
}

function often(count: number): string {
  const words = ['never', 'once', 'twice', 'three times', 'four times', 'five times'];
  return words[count] ?? `${count} times`;
}

/** Each begins with a capital and ends with a full stop. */
function sentences(texts: readonly string[]): string[] {
  return texts.map(
    (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`,
  );
}
