import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { LineSplitter } from '../../src/output/lines.js';
import { program } from './program.js';
import { PATIENCE, within } from './within.js';

/** A Node.js process of its own that uses the library, as an application would. */
export class Host {
  readonly pid: number;
  readonly lines: string[] = [];
  readonly #exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly #wakers = new Set<() => void>();

  /**
   * @param script the name of a file in test/support/hosts
   * @param setup what the shell does before it becomes the host, such as `ulimit -n 40`
   */
  constructor(script: string, args: readonly string[] = [], setup = ':') {
    const path = program(`test/support/hosts/${script}.ts`);
    const host = spawn('sh', ['-c', `${setup}; exec "$0" "$@"`, process.execPath, path, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    if (host.pid === undefined) throw new Error('the host could not be started');
    this.pid = host.pid;
    for (const [name, stream] of [
      ['stdout', host.stdout],
      ['stderr', host.stderr],
    ] as const) {
      const splitter = new LineSplitter(name);
      stream.on('data', (chunk: Buffer) => this.#onLines(splitter.push(chunk).map(({ line }) => line)));
      stream.on('end', () => this.#onLines(splitter.end().map(({ line }) => line)));
    }
    this.#exited = once(host, 'close').then(([code, signal]) => ({ code, signal }));
    onTestFinished(() => {
      host.kill('SIGKILL');
    });
  }

  /** What follows `prefix` in the first line that begins with it. A host that has ended will not say it any more. */
  said(prefix: string, patience = PATIENCE): Promise<string> {
    const waiting = new Promise<string>((resolve, reject) => {
      const look = () => {
        const line = this.lines.find((each) => each.startsWith(prefix));
        if (line !== undefined) resolve(line.slice(prefix.length));
      };
      this.#wakers.add(look);
      look();
      void this.#exited.then(({ code, signal }) => {
        const end = signal ?? `exit code ${code}`;
        reject(new Error(`the host ended (${end}) without "${prefix}":\n${this.lines.join('\n')}`));
      });
    });
    return within(
      waiting,
      () => `"${prefix}" from the host, which said:\n${this.lines.join('\n')}`,
      patience,
    );
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /** How it ended; its output is complete then. */
  exited() {
    return within(this.#exited, () => `the end of the host, which said:\n${this.lines.join('\n')}`);
  }

  #onLines(lines: readonly string[]): void {
    this.lines.push(...lines);
    for (const wake of this.#wakers) wake();
  }
}
