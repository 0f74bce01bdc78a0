import { StringDecoder } from 'node:string_decoder';
import type { OutputLine } from '../../machines/sidecar.types.js';

/** A line longer than this many characters is cut there, and says so: output without newlines needs no memory. */
export const MAX_LINE_LENGTH = 65_536;

const NEWLINE = 0x0a;

/** Splits one stream into lines as its chunks arrive. */
export class LineSplitter {
  readonly #stream: OutputLine['stream'];
  /** Made with the first chunk: many streams never have one. */
  #decoder: StringDecoder | null = null;
  #rest = '';
  /** A line was cut: what follows is dropped up to its newline. */
  #isDropping = false;

  constructor(stream: OutputLine['stream']) {
    this.#stream = stream;
  }

  /** The lines that `chunk` completes. */
  push(chunk: Buffer): OutputLine[] {
    if (!this.#isDropping) return this.#split(this.#decode(chunk));
    const newline = chunk.indexOf(NEWLINE);
    if (newline === -1) return [];
    this.#isDropping = false;
    this.#decoder = null;
    return this.#split(this.#decode(chunk.subarray(newline + 1)));
  }

  /** What is left when the stream has ended without a newline. */
  end(): OutputLine[] {
    if (this.#isDropping) return [];
    const rest = this.#rest + (this.#decoder?.end() ?? '');
    this.#rest = '';
    return rest === '' ? [] : [this.#line(rest)];
  }

  #decode(chunk: Buffer): string {
    this.#decoder ??= new StringDecoder('utf8');
    return this.#decoder.write(chunk);
  }

  #split(text: string): OutputLine[] {
    const pieces = (this.#rest + text).split('\n');
    this.#rest = pieces.pop() ?? '';
    const lines = pieces.map((piece) => this.#line(piece.endsWith('\r') ? piece.slice(0, -1) : piece));
    if (this.#rest.length <= MAX_LINE_LENGTH) return lines;
    lines.push(this.#line(this.#rest));
    this.#rest = '';
    this.#isDropping = true;
    return lines;
  }

  #line(text: string): OutputLine {
    const { length } = text;
    const line =
      length > MAX_LINE_LENGTH ? `${text.slice(0, MAX_LINE_LENGTH)}… (cut: a line is too long)` : text;
    return { stream: this.#stream, line };
  }
}
