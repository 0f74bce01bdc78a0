import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { SidecarConfig } from '../../src/index.js';
import { CASE_MARK, type FoundProcess, findMarked, killAll } from '../support/processes.js';
import { program } from '../support/program.js';
import { eventually, within } from '../support/within.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface HostExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Options of test/fixtures/host.ts. */
export interface HostOptions {
  readonly config: SidecarConfig;
  readonly does?:
    | 'end'
    | 'stay'
    | 'exit'
    | 'throw'
    | 'reject'
    | 'abort'
    | 'crash'
    | 'exhaust'
    | 'use'
    | 'listen';
  readonly wait?: boolean;
  readonly onSigint?: 'exit' | 'stop' | 'ignore';
  readonly listenLate?: boolean;
  readonly signalExit?: boolean;
}

/** An application of its own, with a sidecar. Nothing of it is left when the test has finished. */
export class HostProcess {
  readonly lines: string[] = [];
  readonly exit: Promise<HostExit>;
  readonly #child: ChildProcess;
  readonly #mark = randomUUID();
  readonly #wakers = new Set<() => void>();

  /** @param launcher what the host is started through, with one line of the shell as its last argument */
  constructor(options: HostOptions, launcher: readonly string[] = ['sh', '-c']) {
    const [file = 'sh', ...args] = launcher;
    const child = spawn(file, [...args, 'exec "$HOST_NODE" "$HOST_SCRIPT" "$HOST_OPTIONS"'], {
      cwd: ROOT,
      env: {
        ...process.env,
        [CASE_MARK]: this.#mark,
        HOST_NODE: process.execPath,
        HOST_SCRIPT: program('test/fixtures/host.ts'),
        HOST_OPTIONS: JSON.stringify(options),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.lines.push(line);
        for (const wake of this.#wakers) wake();
      });
    }
    // Not 'close': a sidecar that stays behind may hold the pipes open, and that must be seen.
    this.exit = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
    this.#child = child;
    onTestFinished(() => {
      killAll(this.processes());
    });
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the host could not be started');
    return this.#child.pid;
  }

  /** The pid of the shell that ends what it leaves. */
  watchdog(): number {
    const found = execFileSync('pgrep', ['-f', `sidecar-machine-watchdog ${this.pid}$`], {
      encoding: 'utf8',
    });
    return Number(found);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits until it has printed a line `count` times. */
  async printed(line: string, count = 1): Promise<void> {
    let wake = () => {};
    const seen = new Promise<void>((resolve) => {
      wake = () => {
        if (this.lines.filter((each) => each === line).length >= count) resolve();
      };
    });
    this.#wakers.add(wake);
    wake();
    await within(seen, () => `"${line}" in\n${this.lines.join('\n')}`);
    this.#wakers.delete(wake);
  }

  /** How it ended, once nothing that it started is left. */
  async ended(): Promise<HostExit> {
    const exit = await within(this.exit, () => `the host to end\n${this.lines.join('\n')}`);
    await eventually(() => this.processes().length === 0, 'the sidecar to end with its host', 5000);
    return exit;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** It and its descendants, as far as they live. */
  processes(): FoundProcess[] {
    return findMarked(CASE_MARK, this.#mark);
  }
}
