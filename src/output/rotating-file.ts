import { appendFileSync } from 'node:fs';
import { type FileHandle, mkdir, open, rename } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** How much waits to be written, in characters: a disk that is full or slow must not fill the memory. */
const MOST_QUEUED = 1_048_576;

/** How much is written at once, in characters. */
const MOST_AT_ONCE = 65_536;

/** How soon a write that failed is tried again, at first and at most, in milliseconds. */
const RETRY = { first: 1000, longest: 30_000 };

/** The files that are written by this process. */
const taken = new Set<string>();

export interface RotatingFileOptions {
  readonly file: string;
  /** How large a file becomes. */
  readonly maxBytes: number;
  /** How many are kept, the one that is written to included. */
  readonly files: number;
  /** Makes its folder; by default it is made like any other. */
  readonly prepare?: () => Promise<unknown>;
}

/** Told of what can't be written. */
export interface FileTrouble {
  /** Told once when writing begins to fail. */
  readonly onFailure: (error: Error) => void;
  /** The line that stands where lines are missing. */
  readonly describeDropped: (count: number) => string;
}

/**
 * A file that lines are appended to, set aside when it is full: `file`, `file.1`, … Writing happens behind the back
 * of who calls, in order. While it fails (a full disk), lines wait, then are dropped and counted, and it is tried again.
 */
export class RotatingFile {
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #files: number;
  readonly #prepare: () => Promise<unknown>;
  readonly #trouble: FileTrouble;
  readonly #retryFirst: number;
  #queue: string[] = [];
  #queued = 0;
  #dropped = 0;
  #handle: FileHandle | null = null;
  #size = 0;
  #isFailing = false;
  #retryDelay: number;
  #retryTimer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | null = null;
  #letsGo = false;

  constructor(
    { file, maxBytes, files, prepare }: RotatingFileOptions,
    trouble: FileTrouble,
    retryFirst = RETRY.first,
  ) {
    this.#path = resolve(file);
    this.#maxBytes = maxBytes;
    this.#files = files;
    this.#prepare = prepare ?? (() => mkdir(dirname(this.#path), { recursive: true }));
    this.#trouble = trouble;
    this.#retryFirst = retryFirst;
    this.#retryDelay = retryFirst;
  }

  /** Appends one line, in its turn. */
  write(line: string): void {
    this.#letsGo = false;
    const fitting = cutToFit(line, this.#maxBytes);
    if (this.#queued + fitting.length > MOST_QUEUED) {
      this.#dropped += 1;
      return;
    }
    this.#tellDropped();
    this.#enqueue(fitting);
    // One that fails is tried again by the timer.
    if (!this.#isFailing) this.#begin();
  }

  /** Closes the file once everything is written; the next line opens it again. Resolves then, or when that fails. */
  async letGo(): Promise<void> {
    this.#letsGo = true;
    this.#begin();
    // What came while it was being written is written by another round.
    while (this.#writing !== null) await this.#writing;
  }

  /** Writes what it can, once more, and gives the rest up. */
  async close(): Promise<void> {
    await this.letGo();
    clearTimeout(this.#retryTimer);
    this.#queue = [];
    this.#queued = 0;
    await this.#closeHandle();
  }

  /**
   * Writes what still waits, while the host exits and nothing asynchronous can happen any more. What was just being
   * written may be there twice.
   */
  flushAtExit(): void {
    const lines = this.#queue.splice(0);
    this.#queued = 0;
    if (lines.length === 0 || this.#isFailing) return;
    try {
      appendFileSync(this.#path, lines.join(''), { mode: 0o600 });
    } catch {
      // There is nobody left to tell.
    }
  }

  #enqueue(line: string): void {
    this.#queue.push(`${line}\n`);
    this.#queued += line.length + 1;
  }

  /** Where they are missing, when there is room again. */
  #tellDropped(): void {
    if (this.#dropped === 0) return;
    this.#enqueue(this.#trouble.describeDropped(this.#dropped));
    this.#dropped = 0;
  }

  #begin(): void {
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = null;
      // It may have come after the last look.
      if (this.#queue.length > 0 && !this.#isFailing) this.#begin();
    });
  }

  async #writeAll(): Promise<void> {
    clearTimeout(this.#retryTimer);
    try {
      while (this.#queue.length > 0) {
        await this.#writeSome();
        if (this.#queue.length === 0) this.#tellDropped();
      }
      if (this.#letsGo) await this.#closeHandle();
    } catch (error) {
      await this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #writeSome(): Promise<void> {
    const handle = this.#handle ?? (await this.#open());
    // It may have been given up meanwhile.
    if (this.#queue.length === 0) return;
    const lines = this.#take();
    if (lines.length === 0) return this.#rotate(handle);
    const bytes = Buffer.from(lines.join(''));
    for (let written = 0; written < bytes.length; ) {
      written += (await handle.write(bytes, written)).bytesWritten;
    }
    this.#size += bytes.length;
    this.#queue.splice(0, lines.length);
    this.#queued -= lines.reduce((sum, { length }) => sum + length, 0);
    this.#isFailing = false;
    this.#retryDelay = this.#retryFirst;
  }

  /** The next lines that the file has room for; none when it must be set aside first. */
  #take(): readonly string[] {
    let length = 0;
    let size = this.#size;
    let count = 0;
    for (const line of this.#queue) {
      size += Buffer.byteLength(line);
      length += line.length;
      if (size > this.#maxBytes || (count > 0 && length > MOST_AT_ONCE)) break;
      count += 1;
    }
    return this.#queue.slice(0, count);
  }

  async #open(): Promise<FileHandle> {
    if (taken.has(this.#path)) throw new Error('another sidecar of this program writes to it already');
    await this.#prepare();
    // What a sidecar prints is nobody else's business.
    const handle = await open(this.#path, 'a', 0o600);
    taken.add(this.#path);
    this.#handle = handle;
    this.#size = (await handle.stat()).size;
    return handle;
  }

  async #rotate(handle: FileHandle): Promise<void> {
    if (this.#files === 1) {
      await handle.truncate(0);
      this.#size = 0;
      return;
    }
    await this.#closeHandle();
    for (let age = this.#files - 1; age > 1; age -= 1) {
      await rename(`${this.#path}.${age - 1}`, `${this.#path}.${age}`).catch(unlessMissing);
    }
    await rename(this.#path, `${this.#path}.1`);
  }

  async #fail(error: Error): Promise<void> {
    // A part of a line may have been written; to take it away needs no room.
    await this.#handle?.truncate(this.#size).catch(() => {
      // The file is worse off than that, as `error` says.
    });
    await this.#closeHandle().catch(() => {
      // As above.
    });
    if (!this.#isFailing) this.#trouble.onFailure(error);
    this.#isFailing = true;
    this.#retryTimer = setTimeout(() => this.#begin(), this.#retryDelay).unref();
    this.#retryDelay = Math.min(this.#retryDelay * 2, RETRY.longest);
  }

  async #closeHandle(): Promise<void> {
    const handle = this.#handle;
    if (handle === null) return;
    this.#handle = null;
    taken.delete(this.#path);
    await handle.close();
  }
}

/** A line that no file has room for is cut. */
function cutToFit(line: string, maxBytes: number): string {
  // Three bytes are the most that a UTF-16 unit takes; the newline and the mark need four.
  const most = Math.floor((maxBytes - 4) / 3);
  return line.length <= most || Buffer.byteLength(line) < maxBytes ? line : `${line.slice(0, most)}…`;
}

function unlessMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
