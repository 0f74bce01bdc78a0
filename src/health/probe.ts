import type { CheckResult, HealthReport } from '../../machines/sidecar.types.js';
import type { CheckConfig } from '../config/check-schema.js';
import { now } from '../os/clock.js';
import { type Redactor, redactorOf } from '../redact/redactor.js';
import { type Check, type CheckedProcess, createCheck, type InstantCheck } from './check.js';
import { Deadline } from './deadline.js';

interface ProbeOptions {
  readonly checked: CheckedProcess;
  /** How long the whole check may take, in milliseconds. */
  readonly timeout: number;
  /** Time from the beginning of one check to that of the next, in milliseconds. */
  readonly period: (lastPassed: boolean) => number;
  readonly report: (report: HealthReport) => void;
}

/** Asks the same again and again: one check, or several that count as one. One is under way at a time. */
export class Probe {
  readonly #options: ProbeOptions;
  readonly #mode: 'all' | 'any';
  readonly #parts: readonly Part[];
  #isClosed = false;
  #isChecking = false;
  #isHinted = false;
  #lastPassed = true;
  #checkedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #deadline: Deadline | null = null;
  #stopWatching: (() => void)[] = [];

  constructor(config: CheckConfig, options: ProbeOptions) {
    const isCombined = config.type === 'all' || config.type === 'any';
    this.#mode = config.type === 'any' ? 'any' : 'all';
    this.#options = options;
    this.#parts = (isCombined ? config.checks : [config]).map(
      (each) => new Part(() => createCheck(each, options.checked), redactorOf(options.checked.config)),
    );
  }

  /** Checks now; when a check is under way, which may have looked too early, once more after it. */
  checkNow(): void {
    if (this.#isChecking) this.#isHinted = true;
    else this.#check();
  }

  /** Sets the time of the next check, by what the period is now. */
  schedule(): void {
    // The report may have been the last one that the chart wanted.
    if (this.#isClosed || this.#isChecking) return;
    clearTimeout(this.#timer);
    const next = this.#checkedAt + this.#options.period(this.#lastPassed) - performance.now();
    this.#timer = setTimeout(() => this.#check(), Math.max(0, next));
    if (this.#options.checked.config.process.unref) this.#timer.unref();
  }

  /** Lets each check tell when its answer may have changed. */
  async watch(): Promise<void> {
    for (const part of this.#parts) {
      const check = await part.require().catch(() => null);
      if (this.#isClosed) return;
      const stop = check?.watch?.(() => this.checkNow());
      if (stop !== undefined) this.#stopWatching.push(stop);
    }
  }

  unwatch(): void {
    for (const stop of this.#stopWatching) stop();
    this.#stopWatching = [];
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.unwatch();
    this.#deadline?.end(new Error('the check was given up'));
    for (const part of this.#parts) part.close();
  }

  #check(): void {
    clearTimeout(this.#timer);
    this.#isChecking = true;
    this.#isHinted = false;
    this.#checkedAt = performance.now();
    const answers = this.#parts.map((part) => part.run(() => this.#signal()));
    // What is known at once is told at once: somebody waits for the sidecar.
    if (answers.every(isKnown)) this.#conclude(answers);
    else void Promise.all(answers).then((results) => this.#conclude(results));
  }

  /** Of the check that is under way; what is known at once needs none. */
  #signal(): AbortSignal {
    this.#deadline ??= new Deadline(this.#options.timeout);
    return this.#deadline.signal;
  }

  #conclude(results: readonly CheckResult[]): void {
    this.#deadline?.end();
    this.#deadline = null;
    this.#isChecking = false;
    if (this.#isClosed) return;
    const report = combine(this.#mode, results);
    this.#lastPassed = report.passed;
    this.#options.report(report);
    if (this.#isHinted && !report.passed && !this.#isClosed) this.#check();
    else this.schedule();
  }
}

/** One check of a probe, made when it is first needed. A check that can't even be made is one that failed. */
class Part {
  readonly #create: () => Promise<Check | InstantCheck>;
  readonly #redactor: Redactor;
  #created: Promise<Check | InstantCheck> | null = null;
  #check: Check | InstantCheck | null = null;
  #isClosed = false;

  constructor(create: () => Promise<Check | InstantCheck>, redactor: Redactor) {
    this.#create = create;
    this.#redactor = redactor;
  }

  require(): Promise<Check | InstantCheck> {
    this.#created ??= this.#create().then(
      (check) => {
        this.#check = check;
        if (this.#isClosed) check.close();
        return check;
      },
      (error: unknown) => {
        this.#created = null;
        throw error;
      },
    );
    return this.#created;
  }

  run(signal: () => AbortSignal): CheckResult | Promise<CheckResult> {
    const checkedAt = now();
    const startedAt = performance.now();
    const answer = (outcome: { passed: true } | { passed: false; error: string }): CheckResult => {
      const check = this.#redactor.text(this.#check?.name ?? 'the health check');
      return { check, checkedAt, latency: performance.now() - startedAt, ...outcome };
    };
    const passed = () => answer({ passed: true });
    const failed = (error: unknown) => answer({ passed: false, error: this.#redactor.text(explain(error)) });
    try {
      return this.#ask(signal)?.then(passed, failed) ?? passed();
    } catch (error) {
      return failed(error);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#check?.close();
  }

  #ask(signal: () => AbortSignal): Promise<void> | undefined {
    if (this.#check !== null) return ask(this.#check, signal);
    return this.require().then((check) => ask(check, signal));
  }
}

/** Nothing when the answer is known already. */
function ask(check: Check | InstantCheck, signal: () => AbortSignal): Promise<void> | undefined {
  return 'run' in check ? check.run(signal()) : void check.look();
}

function isKnown(answer: CheckResult | Promise<CheckResult>): answer is CheckResult {
  return !(answer instanceof Promise);
}

function combine(mode: 'all' | 'any', results: readonly CheckResult[]): HealthReport {
  const [first, ...others] = results;
  if (first === undefined) throw new Error('A probe without checks can’t be configured.');
  if (others.length === 0) return { checks: results, ...first };
  const failed = results.flatMap((each) => (each.passed ? [] : [`${each.check}: ${each.error}`]));
  const passed = mode === 'all' ? failed.length === 0 : failed.length < results.length;
  return {
    check: `${mode} of ${results.map(({ check }) => check).join(', ')}`,
    checkedAt: first.checkedAt,
    latency: Math.max(...results.map(({ latency }) => latency)),
    checks: results,
    ...(passed ? { passed } : { passed, error: failed.join('; ') }),
  };
}

/** An attempt at both loopback addresses fails with an AggregateError that has no message of its own. */
function explain(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(explain).join('; ');
  if (!(error instanceof Error)) return String(error);
  return error.message === '' ? error.name : error.message;
}
