import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { stripVTControlCharacters } from 'node:util';
import { onTestFinished } from 'vitest';
import { within } from '../support/within.js';
import { commandLine } from './command.js';

/** Why no pseudo terminal can be had here; null when one can. */
export function whyNoTerminal(): string | null {
  if (process.platform !== 'linux') return 'it takes `script` of util-linux';
  const { error, stdout } = spawnSync('script', ['--version'], { encoding: 'utf8' });
  if (error !== undefined || !stdout.includes('util-linux')) return 'it takes `script` of util-linux';
  return null;
}

/** The command as a user types it into a terminal of 100 columns and 30 rows. */
export class SidecarTerminal {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  readonly #wakers = new Set<() => void>();
  /** All that was written to the terminal, control characters included. */
  raw = '';

  constructor(cwd: string, ...args: readonly string[]) {
    const line = `stty cols 100 rows 30; exec ${commandLine(...args)}`;
    const child = spawn('script', ['-qefc', line, '/dev/null'], {
      cwd,
      env: { ...process.env, TERM: 'xterm-256color', SHELL: '/bin/sh' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdout.on('data', (chunk: Buffer) => {
      this.raw += chunk;
      for (const wake of this.#wakers) wake();
    });
    this.#child = child;
    this.#ended = once(child, 'close').then(([code]) => code);
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
  }

  /** What was written, without what moves the cursor and colours. */
  get text(): string {
    return stripVTControlCharacters(this.raw).replaceAll('\r', '');
  }

  /** Of the command itself, the one process that `script` has started. */
  async pid(): Promise<number> {
    const { pid } = this.#child;
    return Number((await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim());
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** Closes it, as one closes a window. */
  close(): void {
    this.#child.kill('SIGKILL');
  }

  /** Waits until something was written after what was there when this was called, or ever with `since` 0. */
  async shows(pattern: RegExp, since = 0): Promise<void> {
    await within(
      new Promise<void>((resolve) => {
        const look = () => {
          if (!pattern.test(stripVTControlCharacters(this.raw.slice(since)))) return;
          this.#wakers.delete(look);
          resolve();
        };
        this.#wakers.add(look);
        look();
      }),
      () => `${pattern} in\n${this.text.slice(-3000)}`,
    );
  }

  async ended(): Promise<number | null> {
    return within(this.#ended, () => `the end of the command, which wrote:\n${this.text.slice(-3000)}`);
  }
}
