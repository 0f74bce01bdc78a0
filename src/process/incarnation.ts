import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Endpoint, ExitStatus, OutputLine, ProcessReport } from '../../machines/sidecar.types.js';
import { resolveEnvironment } from '../config/environment.js';
import type { ResolvedSidecarConfig } from '../config/schema.js';
import { fillTemplates } from '../config/templates.js';
import { guardSpawn, type SpawnGuard } from '../orphans/spawn-guard.js';
import { countGroup, signalGroup } from '../os/process-group.js';
import { Tail } from '../output/tail.js';
import { redactorOf } from '../redact/redactor.js';
import { Announcements } from './announcements.js';
import { prepareEndpoint, releaseEndpoint } from './endpoint.js';
import { applyHardLimits, type HardLimits } from './hard-limits.js';
import { type LaunchCommand, throughLaunchers } from './launch-command.js';
import { findOutOfMemory } from './out-of-memory.js';
import type { Ownership } from './ownership.js';
import { ProcessOutput } from './process-output.js';
import { describeSpawnFailure } from './spawn-failure.js';

/** How long after being asked to end a process is continued, should it be stopped, in milliseconds. */
const CONTINUE_AFTER = 50;

/** How often survivors of a group are looked for: soon at first, then ever less, in milliseconds. */
const SURVIVOR_POLL = { first: 10, factor: 1.5, longest: 1000 };

type Phase =
  | { readonly type: 'preparing' }
  | { readonly type: 'alive'; readonly child: ChildProcess; readonly pid: number }
  /** The process has ended; others of its group have not. */
  | { readonly type: 'survived'; readonly pgid: number }
  | { readonly type: 'gone' };

/**
 * One process from its preparation to the end of its whole group. It reports what happens and does what it is told;
 * whether a process should be started, ended or replaced is decided by the chart.
 */
export class Incarnation {
  readonly ended: Promise<void>;
  readonly #config: ResolvedSidecarConfig;
  readonly #generation: number;
  readonly #ownership: Ownership;
  readonly #report: (report: ProcessReport) => void;
  readonly #tail: Tail;
  readonly #announcements: Announcements;
  #phase: Phase = { type: 'preparing' };
  #endpoint: Endpoint | null = null;
  #limits: HardLimits | null = null;
  #guard: SpawnGuard | null = null;
  #isToldToEnd = false;
  #continueTimer: NodeJS.Timeout | undefined;
  #settleEnded: () => void = () => {};

  constructor(
    config: ResolvedSidecarConfig,
    generation: number,
    report: (report: ProcessReport) => void,
    ownership: Ownership,
  ) {
    this.#config = config;
    this.#generation = generation;
    this.#ownership = ownership;
    this.#report = report;
    this.#tail = new Tail(config.process.tailLines);
    this.#announcements = new Announcements(config, generation, report);
    this.ended = new Promise((resolve) => {
      this.#settleEnded = resolve;
    });
    void this.#start();
  }

  /** Asks the group to end. One that is still being prepared is given up. */
  terminate(): void {
    this.#isToldToEnd = true;
    this.#signal(this.#config.process.stopSignal);
    // A stopped process would receive the signal only when somebody continues it. Most just end, and need no second.
    this.#continueTimer = setTimeout(() => this.#signal('SIGCONT'), CONTINUE_AFTER);
    this.#giveUpPreparation();
  }

  /** Ends the group at once. */
  kill(): void {
    this.#isToldToEnd = true;
    this.#signal('SIGKILL');
    this.#giveUpPreparation();
  }

  async #start(): Promise<void> {
    try {
      // First: what an earlier run left may hold the port.
      await this.#ownership.claim();
      if (this.#phase.type !== 'preparing') return;
      const endpoint = await prepareEndpoint(this.#config);
      this.#endpoint = endpoint;
      await this.#announcements.prepare();
      if (this.#phase.type !== 'preparing') return releaseEndpoint(endpoint);
      await this.#spawn(endpoint);
    } catch (error) {
      const failure = await describeSpawnFailure(error, this.#config);
      if (this.#phase.type !== 'preparing') return;
      this.#finish({ type: 'process.failed', generation: this.#generation, failure });
    }
  }

  async #spawn(endpoint: Endpoint): Promise<void> {
    const { cwd, unref } = this.#config.process;
    const env = { ...resolveEnvironment(this.#config, endpoint), ...this.#announcements.environment };
    redactorOf(this.#config).learn(env);
    const program = this.#program(endpoint);
    const limits = await applyHardLimits(this.#config.resources.hard, {
      command: program.command,
      cwd,
      path: env['PATH'] ?? '',
    });
    if (this.#phase.type !== 'preparing') return limits.release();
    this.#limits = limits;
    const { command, args } = throughLaunchers(limits.launchers, program);
    const guard = guardSpawn((reason) => this.#tellUnprotected(reason));
    this.#guard = guard;
    const child = spawn(command, args, {
      cwd,
      env: { ...env, ...guard.environment },
      // Its own process group, so that all of it can be ended.
      detached: process.platform !== 'win32',
      // An open stdin, never written to: many programs end when it closes, which is when the host is gone.
      stdio: ['pipe', 'pipe', 'pipe', ...this.#announcements.stdio],
      windowsHide: true,
    });
    const { pid } = child;
    if (pid === undefined) throw await failureOf(child);
    guard.protect(pid);
    this.#ownership.spawned({ pid, mark: guard.mark, generation: this.#generation });

    this.#phase = { type: 'alive', child, pid };
    child.on('error', () => {
      // Only a signal that could not be sent to a living child comes here, and signals go to the group instead.
    });
    const output = new ProcessOutput(child, (lines) => this.#onLines(lines));
    child.once('exit', (code, signal) => this.#onExit(output, { pid, ...exitStatus(code, signal) }));
    child.stdin.on('error', () => {
      // It is never written to; the other end may be closed at any time.
    });
    if (unref) letHostExit(child);
    this.#report({
      type: 'process.spawned',
      generation: this.#generation,
      pid,
      endpoint: this.#config.endpoint === undefined ? endpoint : null,
      library: null,
    });
    this.#announcements.listen(child);
  }

  #tellUnprotected(reason: string): void {
    const error = `it would outlive this program, should that be killed: no watchdog can be started: ${reason}`;
    this.#report({ type: 'process.unprotected', generation: this.#generation, error });
  }

  #program(endpoint: Endpoint): LaunchCommand {
    const { command, args } = this.#config.process;
    const filled = (text: string) => fillTemplates(text, this.#config, endpoint);
    return { command: filled(command), args: args.map(filled) };
  }

  #onLines(lines: readonly OutputLine[]): void {
    this.#tail.push(lines);
    // First, as somebody may wait for what they say.
    this.#announcements.look(lines);
    this.#report({ type: 'process.output', generation: this.#generation, lines });
  }

  async #onExit(output: ProcessOutput, ended: ExitStatus & { pid: number }): Promise<void> {
    const { pid } = ended;
    // From here on the pid may name another process, unless somebody of the group keeps it reserved.
    this.#phase = { type: 'survived', pgid: pid };
    const wasToldToEnd = this.#isToldToEnd;
    await output.lastLines();

    const survivors = countGroup(pid);
    const lines = this.#tail.lines();
    const outOfMemory = wasToldToEnd ? null : findOutOfMemory(ended, lines, this.#limits?.oomKills ?? null);
    const exit = { ...ended, tail: redactorOf(this.#config).lines(lines), outOfMemory };
    const report: ProcessReport = { type: 'process.exited', generation: this.#generation, exit, survivors };
    if (survivors === 0) {
      this.#finish(report);
    } else {
      this.#report(report);
      await this.#untilGroupIsEmpty(pid);
      this.#finish({ type: 'process.emptied', generation: this.#generation });
    }
    await output.cutOff();
  }

  async #untilGroupIsEmpty(pgid: number): Promise<void> {
    let delay = SURVIVOR_POLL.first;
    while (countGroup(pgid) > 0) {
      await new Promise((resolve) => setTimeout(resolve, delay).unref());
      delay = Math.min(delay * SURVIVOR_POLL.factor, SURVIVOR_POLL.longest);
    }
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#phase.type === 'alive') signalGroup(this.#phase.pid, signal);
    if (this.#phase.type === 'survived') signalGroup(this.#phase.pgid, signal);
  }

  #giveUpPreparation(): void {
    if (this.#phase.type !== 'preparing') return;
    this.#finish({
      type: 'process.failed',
      generation: this.#generation,
      failure: { code: 'ABORTED', message: 'it was stopped before it was started', permanent: false },
    });
  }

  #finish(report: ProcessReport): void {
    this.#phase = { type: 'gone' };
    clearTimeout(this.#continueTimer);
    this.#announcements.close();
    if (this.#endpoint !== null) releaseEndpoint(this.#endpoint);
    this.#guard?.endStrays();
    this.#ownership.emptied();
    this.#report(report);
    this.#settleEnded();
    void this.#limits?.release();
  }
}

/** A child without a pid tells why in an 'error' event. */
function failureOf(child: ChildProcess): Promise<Error> {
  return new Promise((resolve) => child.once('error', resolve));
}

function exitStatus(code: number | null, signal: NodeJS.Signals | null): ExitStatus {
  return signal === null ? { code: code ?? 0, signal } : { code: null, signal };
}

function letHostExit(child: ChildProcess): void {
  child.unref();
  for (const stream of child.stdio) if (stream instanceof Socket) stream.unref();
}
