import type { Sidecar } from '../src/index.js';
import { createSidecar } from './built.js';
import { type ChildCommand, listeningSince } from './child/command.js';

/** A child that something keeps alive. */
export interface Supervised {
  /** Resolves once the child listens. */
  start(): Promise<void>;
  /** When a child listens next, in Unix milliseconds by the child's own account. */
  nextListening(): Promise<number>;
  /** Kills the child. */
  crash(): void;
  /** Ends the child for good; resolves once it is gone. */
  stop(): Promise<void>;
}

/** A child kept alive by sidecar-machine, restarted without delay, as the bare loop does. */
export class SupervisedSidecar implements Supervised {
  readonly sidecar: Sidecar;
  #onListening: (time: number) => void = () => {};

  constructor(child: ChildCommand, port: number) {
    this.sidecar = createSidecar({
      http: { host: '127.0.0.1', port },
      process: {
        command: child.command,
        args: [...child.args],
        restartDelay: 0,
        maxRestarts: 10_000,
      },
      resources: { maxCPUPercent: null },
    });
    this.sidecar.on('output', ({ line }) => {
      const time = listeningSince(line);
      if (time !== null) this.#onListening(time);
    });
  }

  start(): Promise<void> {
    return this.sidecar.start();
  }

  nextListening(): Promise<number> {
    return new Promise((resolve) => {
      this.#onListening = resolve;
    });
  }

  crash(): void {
    const { pid } = this.sidecar.status();
    if (pid !== null) process.kill(pid, 'SIGKILL');
  }

  async stop(): Promise<void> {
    await this.sidecar.stop();
  }
}
