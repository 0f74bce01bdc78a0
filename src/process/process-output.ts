import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OutputLine } from '../../machines/sidecar.types.js';
import { LineSplitter } from '../output/lines.js';

/** How many lines are passed on in one turn of the event loop; the program is held up meanwhile, and not the host. */
const LINES_PER_TURN = 250;

/**
 * How long the last lines of a process that has ended are waited for while nothing comes, in milliseconds: requests in
 * flight fail only with the report of its end. Usually the lines are there at once.
 */
const QUIET = 5;

/**
 * How many such waits there are while something comes, and for how much: more than its pipes hold, it can't have left.
 * Not a time, for a busy host takes long to read the little that is there.
 */
const MOST_WAITS = 20;
const MOST_LEFT_BYTES = 1024 * 1024;

/** How long the output of a process that has ended is read on before it is cut off, in milliseconds. */
const DRAIN_TIMEOUT = 100;

/** Reads what a process prints and passes it on line by line, in the order in which it came. */
export class ProcessOutput {
  readonly #child: ChildProcess;
  readonly #streams: readonly Readable[];
  readonly #pass: (lines: readonly OutputLine[]) => void;
  readonly #drained: Promise<void>;
  /** Lines that wait for their turn; null when none do. */
  #backlog: OutputLine[] | null = null;
  #receivedBytes = 0;
  #hasEnded = false;
  #isDrained = false;

  constructor(child: ChildProcess, pass: (lines: readonly OutputLine[]) => void) {
    const { stdout, stderr } = child;
    this.#child = child;
    this.#streams = [stdout, stderr].filter((stream) => stream !== null);
    this.#pass = pass;
    this.#drained = new Promise((resolve) => {
      child.once('close', () => {
        this.#isDrained = true;
        resolve();
      });
    });
    if (stdout !== null) this.#read(stdout, new LineSplitter('stdout'));
    if (stderr !== null) this.#read(stderr, new LineSplitter('stderr'));
  }

  /** Resolves once everything that an ended process had printed was passed on, as far as that can be told. */
  async lastLines(): Promise<void> {
    this.#hasEnded = true;
    const most = this.#receivedBytes + MOST_LEFT_BYTES;
    for (let waits = 0; waits < MOST_WAITS; waits += 1) {
      const received = this.#receivedBytes;
      await settledWithin(this.#drained, QUIET);
      const isQuiet = this.#receivedBytes === received;
      if (this.#isDrained || isQuiet || this.#receivedBytes > most) return;
    }
  }

  /** Lets others of the group, who may hold the pipes as well, write no more after a while. */
  async cutOff(): Promise<void> {
    if (this.#isDrained) return;
    await settledWithin(this.#drained, DRAIN_TIMEOUT);
    for (const stream of this.#child.stdio) stream?.destroy();
  }

  #read(stream: Readable, splitter: LineSplitter): void {
    stream.on('data', (chunk: Buffer) => {
      this.#receivedBytes += chunk.length;
      this.#passLines(splitter.push(chunk));
    });
    stream.once('end', () => this.#passLines(splitter.end()));
    // A read error ends the stream; that the process ended, or not, is told by 'exit'.
    stream.on('error', () => this.#passLines(splitter.end()));
  }

  /** Few lines at once; many in turns, while nothing more is read. */
  #passLines(lines: readonly OutputLine[]): void {
    if (lines.length === 0) return;
    if (this.#backlog !== null) for (const line of lines) this.#backlog.push(line);
    else if (lines.length <= LINES_PER_TURN) this.#pass(lines);
    else void this.#passInTurns([...lines]);
  }

  async #passInTurns(backlog: OutputLine[]): Promise<void> {
    this.#backlog = backlog;
    for (const stream of this.#streams) stream.pause();
    for (let passed = 0; passed < backlog.length; ) {
      // More may come while these are passed on.
      const lines = backlog.slice(passed, passed + LINES_PER_TURN);
      passed += lines.length;
      this.#pass(lines);
      // What a program printed before it ended must be in the report of its end.
      if (!this.#hasEnded) await nextTurn();
    }
    this.#backlog = null;
    for (const stream of this.#streams) stream.resume();
  }
}

function settledWithin(promise: Promise<void>, timeout: number): Promise<void> {
  return new Promise((resolve) => {
    // Timers run before I/O: what has arrived while the host was busy is read first.
    const timer = setTimeout(() => setImmediate(resolve), timeout);
    void promise.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
