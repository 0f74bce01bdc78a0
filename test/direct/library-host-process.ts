import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { program } from '../support/program.js';
import { within } from '../support/within.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WITHOUT_KOFFI = new URL('./hosts/without-koffi.mjs', import.meta.url).href;

interface HostOptions {
  /** Options of test/direct/hosts/library-host.ts. */
  readonly path: string;
  readonly does: 'call-late' | 'crash' | 'hang' | 'start';
  readonly sign?: string;
  readonly hasKoffi?: boolean;
  readonly temporaryFolder?: string;
}

/** An application of its own that loads a library. It leads its own process group, as under an interactive shell. */
export class LibraryHostProcess {
  readonly lines: string[] = [];
  readonly #exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly #wakers = new Set<() => void>();
  readonly #signal: (signal: NodeJS.Signals) => void;

  constructor({ hasKoffi = true, temporaryFolder, ...options }: HostOptions) {
    const preloaded = hasKoffi ? [] : ['--import', WITHOUT_KOFFI];
    const child = spawn(
      'sh',
      // Crashing leaves no core file behind.
      [
        '-c',
        'ulimit -c 0; exec "$0" "$@"',
        process.execPath,
        ...preloaded,
        program('test/direct/hosts/library-host.ts'),
        JSON.stringify(options),
      ],
      {
        cwd: ROOT,
        env: { ...process.env, ...(temporaryFolder !== undefined && { TMPDIR: temporaryFolder }) },
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.lines.push(line);
        for (const wake of this.#wakers) wake();
      });
    }
    this.#signal = (signal) => child.kill(signal);
    this.#exited = once(child, 'close').then(([code, signal]) => ({ code, signal }));
    onTestFinished(() => this.#signal('SIGKILL'));
  }

  signal(signal: NodeJS.Signals): void {
    this.#signal(signal);
  }

  /** Waits until it has printed a line. */
  printed(line: string): Promise<void> {
    const seen = new Promise<void>((resolve) => {
      const look = () => {
        if (this.lines.includes(line)) resolve();
      };
      this.#wakers.add(look);
      look();
    });
    return within(seen, () => `"${line}" in\n${this.lines.join('\n')}`);
  }

  /** How it ended; its lines are complete then. */
  exited() {
    return within(this.#exited, () => `the host to end\n${this.lines.join('\n')}`);
  }
}
