import { setTimeout as wait } from 'node:timers/promises';
import type { SidecarContext } from '../../machines/sidecar.types.js';
import type { JournalConfig } from '../config/journal-schema.js';
import type { ResolvedSidecarConfig } from '../config/schema.js';
import { runAtExit } from '../os/at-exit.js';
import { RotatingFile } from '../output/rotating-file.js';
import { StateDirectory } from '../state/state-directory.js';
import { JOURNAL_FILE } from './format.js';
import { JournalLines } from './journal-lines.js';

/** How long the end of a sidecar waits for the last entries to be written, in milliseconds. */
const CLOSE_TIMEOUT = 2000;

/** How many entries may wait for the end of a tick; a longer burst is written in parts. */
const MOST_WAITING = 1000;

/** The journal of a sidecar; null where there is none. It writes nothing before it hears something. */
export function openJournal(
  { stateDirectory, journal }: ResolvedSidecarConfig,
  warn: (error: string) => void,
): SidecarJournal | null {
  if (stateDirectory === null || journal === false) return null;
  return new SidecarJournal(journal, new StateDirectory(stateDirectory), warn);
}

/**
 * Writes down what a machine was given and what it did, beside the work: what is heard within a tick is written after
 * it. A file that can't be written is told once; what is missing is known by the numbers of the entries.
 */
export class SidecarJournal {
  readonly #file: RotatingFile;
  readonly #lines: JournalLines;
  #scheduled: NodeJS.Immediate | null = null;
  #forgetExit: (() => void) | null = null;
  #isClosed = false;

  /** @param warn is told once when entries begin not to be written. */
  constructor({ maxBytes, files }: JournalConfig, directory: StateDirectory, warn: (error: string) => void) {
    // Often enough that each file holds one.
    this.#lines = new JournalLines(maxBytes / 4);
    const file = directory.file(JOURNAL_FILE);
    this.#file = new RotatingFile(
      { file, maxBytes, files, prepare: () => directory.prepare() },
      {
        onFailure: ({ message }) => warn(`the journal ${file} can't be written: ${message}`),
        describeDropped: (count) => this.#lines.gap(count),
      },
    );
  }

  /** One step of the machine: what it was given, and how it is after that. */
  hear(event: { readonly type: string }, context: SidecarContext): void {
    if (this.#isClosed) return;
    this.#lines.hear(event, context);
    if (this.#lines.waiting === 0) return;
    this.#forgetExit ??= runAtExit(() => this.#flushAtExit());
    if (this.#lines.waiting >= MOST_WAITING) this.#write();
    else this.#scheduled ??= setImmediate(() => this.#write()).unref();
  }

  /** Writes the last entries, within a bound. */
  async close(): Promise<void> {
    if (this.#isClosed || !this.#lines.hasBegun) return;
    this.#isClosed = true;
    this.#unschedule();
    for (const line of this.#lines.end()) this.#file.write(line);
    await Promise.race([this.#file.close(), wait(CLOSE_TIMEOUT, undefined, { ref: false })]);
    this.#forgetExit?.();
  }

  #write(): void {
    this.#unschedule();
    for (const line of this.#lines.take()) this.#file.write(line);
    if (this.#lines.isStopped) void this.#letGo();
  }

  /** Nothing is held while there is nothing to write. */
  async #letGo(): Promise<void> {
    await this.#file.letGo();
    if (this.#lines.waiting > 0 || this.#isClosed) return;
    this.#forgetExit?.();
    this.#forgetExit = null;
  }

  #flushAtExit(): void {
    for (const line of this.#lines.takeAll()) this.#file.write(line);
    this.#file.flushAtExit();
  }

  #unschedule(): void {
    if (this.#scheduled !== null) clearImmediate(this.#scheduled);
    this.#scheduled = null;
  }
}
