import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { program } from '../support/program.js';
import { within } from '../support/within.js';

/** The command as a user types it, without a terminal. */
export class SidecarCommand {
  readonly pid: number;
  readonly lines: string[] = [];
  #stdout = '';
  #stderr = '';
  readonly #ended: Promise<number | null>;
  readonly #wakers = new Set<() => void>();

  /** @param env what is added to the environment */
  constructor(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const child = spawn(process.execPath, [program('src/cli/main.ts'), ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (child.pid === undefined) throw new Error('the command could not be started');
    this.pid = child.pid;
    child.stdout.on('data', (chunk: Buffer) => {
      this.#stdout += chunk;
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr += chunk;
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.lines.push(line);
      for (const wake of this.#wakers) wake();
    });
    this.#ended = once(child, 'close').then(([code]) => code);
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
  }

  /** What it has said of its own trouble. */
  get errors(): string {
    return this.#stderr;
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /** The first line that matches. A command that has ended will not print it any more. */
  async printed(pattern: RegExp): Promise<string> {
    let wake = () => {};
    const found = new Promise<string>((resolve, reject) => {
      wake = () => {
        const line = this.lines.find((each) => pattern.test(each));
        if (line !== undefined) resolve(line);
      };
      void this.#ended.then((code) => {
        wake();
        const said = `${this.#stdout}${this.#stderr}`;
        reject(new Error(`the command ended with ${code} without ${pattern}:\n${said}`));
      });
    });
    this.#wakers.add(wake);
    wake();
    return within(found, () => `${pattern} in\n${this.lines.join('\n')}\n${this.#stderr}`);
  }

  /** How it ended, and all that it printed. */
  async ended(): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const code = await within(this.#ended, () => `the end of the command, which said:\n${this.#stdout}`);
    return { code, stdout: this.#stdout, stderr: this.#stderr };
  }
}

/** The same for a shell. */
export function commandLine(...args: readonly string[]): string {
  return [process.execPath, program('src/cli/main.ts'), ...args].map((each) => `'${each}'`).join(' ');
}

/** Runs the command until it ends by itself. */
export function sidecar(cwd: string, ...args: readonly string[]) {
  return new SidecarCommand(cwd, args).ended();
}
