import { setTimeout as wait } from 'node:timers/promises';
import type { SidecarEmitted } from '../../machines/sidecar.types.js';
import type { LogConfig } from '../config/log-schema.js';
import { RotatingFile } from '../output/rotating-file.js';
import type { Redactor } from '../redact/redactor.js';

/** How long the end of a sidecar waits for the last lines to be written, in milliseconds. */
const CLOSE_TIMEOUT = 2000;

interface LineFileOptions {
  /** Of the configuration that the process is run with. */
  readonly redactor: () => Redactor;
  /** Told once when lines begin not to be written. */
  readonly warn: (message: string) => void;
}

/** Keeps what a sidecar prints in a file: `2026-01-31T12:00:00.000Z 4242 stdout | listening`. */
export class LineFile {
  readonly #file: RotatingFile;
  readonly #redactor: () => Redactor;
  #pid: number | null = null;

  constructor(config: LogConfig, { redactor, warn }: LineFileOptions) {
    this.#redactor = redactor;
    this.#file = new RotatingFile(config, {
      onFailure: (error) => {
        const then = 'the sidecar goes on without it; what is missing will be told there';
        warn(`log.file ${config.file} can't be written: ${error.message}; ${then}`);
      },
      describeDropped: (count) =>
        `${now()} - log | ${count} lines are missing here: the disk was full, or too slow`,
    });
  }

  hear(event: SidecarEmitted): void {
    switch (event.type) {
      case 'spawned':
        this.#pid = event.pid;
        return;
      case 'output': {
        const origin = event.source === 'process' ? (this.#pid ?? '-') : 'compiler';
        this.#file.write(`${now()} ${origin} ${event.stream} | ${this.#redactor().text(event.line)}`);
        return;
      }
      case 'stopped':
        // Nothing is held while there is nothing to write.
        void this.#file.letGo();
    }
  }

  /** Writes the last lines, within a bound. */
  async close(): Promise<void> {
    await Promise.race([this.#file.close(), wait(CLOSE_TIMEOUT, undefined, { ref: false })]);
  }
}

function now(): string {
  return new Date().toISOString();
}
