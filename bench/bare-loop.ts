import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ChildCommand } from './child/command.js';
import { listeningSince } from './child/command.js';
import type { Supervised } from './supervised.js';

/** What people write by hand: spawn with piped output, and spawn again on 'exit'. */
process.setMaxListeners(0);

export class BareLoop implements Supervised {
  readonly #child: ChildCommand;
  readonly #port: number;
  #process: ChildProcess | null = null;
  #stopping = false;
  #onListening: (time: number) => void = () => {};

  constructor(child: ChildCommand, port: number) {
    this.#child = child;
    this.#port = port;
  }

  async start(): Promise<void> {
    const listening = this.nextListening();
    this.#spawn();
    await listening;
  }

  nextListening(): Promise<number> {
    return new Promise((resolve) => {
      this.#onListening = resolve;
    });
  }

  crash(): void {
    this.#process?.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#process === null) return;
    const exit = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    await exit;
  }

  #spawn(): void {
    const { command, args } = this.#child;
    const child = spawn(command, args, { env: { ...process.env, PORT: String(this.#port) } });
    this.#process = child;
    // A benchmark that breaks off must not leave its children on the ports of the next.
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    // Short and written at once, so it comes in one piece.
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const time = listeningSince(text.trimEnd());
      if (time !== null) this.#onListening(time);
    });
    child.stderr.resume();
    child.once('exit', () => {
      process.off('exit', kill);
      if (!this.#stopping) this.#spawn();
    });
  }
}
