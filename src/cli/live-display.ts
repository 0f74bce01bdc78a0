import type { ServiceStatus } from '../control.js';
import { isUnderWay, liveLines } from './live-lines.js';

/** How often it is looked at anew without an event, in milliseconds: ages are told in seconds. */
const REFRESH = 1000;
/** Lines that come within it are printed together, in milliseconds. */
const GATHER = 30;
/** Most of the lines of the terminal that are taken from the log. */
const SHARE = 1 / 3;
const FEWEST_LINES = 3;

interface Spinner {
  readonly frames: readonly string[];
  /** In milliseconds. */
  readonly interval: number;
}

interface Drawing {
  readonly draw: (text: string) => void;
  readonly clear: () => void;
  readonly end: () => void;
  readonly spinner: Spinner;
}

/** The status of all sidecars at the bottom of the terminal, below what is printed. */
export class LiveDisplay {
  readonly #terminal: NodeJS.WriteStream;
  readonly #drawing: Drawing;
  readonly #status: () => ServiceStatus;
  readonly #onResize = () => this.#flush();
  /** What was said last is printed however the process ends. */
  readonly #onExit = () => this.close();
  #gathered: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #turns = 0;
  #isClosed = false;

  constructor(terminal: NodeJS.WriteStream, drawing: Drawing, status: () => ServiceStatus) {
    this.#terminal = terminal;
    this.#drawing = drawing;
    this.#status = status;
    terminal.on('resize', this.#onResize);
    process.on('exit', this.#onExit);
    this.#flush();
  }

  /** Prints a line above. */
  print(line: string): void {
    if (this.#isClosed) {
      console.log(line);
      return;
    }
    this.#gathered.push(line);
    if (this.#gathered.length === 1) this.#flushIn(GATHER);
  }

  /** Prints what is left, and leaves the terminal as it was. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#terminal.off('resize', this.#onResize);
    process.off('exit', this.#onExit);
    this.#drawing.clear();
    this.#printGathered();
    this.#drawing.end();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    if (this.#gathered.length > 0) {
      this.#drawing.clear();
      this.#printGathered();
    }
    const status = this.#status();
    this.#turns += 1;
    this.#drawing.draw(this.#text(status));
    this.#flushIn(status.sidecars.some(isUnderWay) ? this.#drawing.spinner.interval : REFRESH);
  }

  #printGathered(): void {
    const lines = this.#gathered;
    this.#gathered = [];
    if (lines.length > 0) this.#terminal.write(`${lines.join('\n')}\n`);
  }

  #text(status: ServiceStatus): string {
    const { columns = 80, rows = 24 } = this.#terminal;
    const { frames } = this.#drawing.spinner;
    return liveLines(status, {
      now: Date.now(),
      spinner: frames[this.#turns % frames.length] ?? '',
      columns,
      most: Math.max(FEWEST_LINES, Math.floor(rows * SHARE)),
    }).join('\n');
  }

  #flushIn(delay: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#flush(), delay).unref();
  }
}

/** @param status what is shown; asked for each time that it is drawn */
export async function openLiveDisplay(status: () => ServiceStatus): Promise<LiveDisplay> {
  // Only for who has a terminal.
  const [{ createLogUpdate }, { default: spinners }] = await Promise.all([
    import('log-update'),
    import('cli-spinners'),
  ]);
  const draw = createLogUpdate(process.stdout);
  const drawing = { draw, clear: () => draw.clear(), end: () => draw.done(), spinner: spinners.dots };
  return new LiveDisplay(process.stdout, drawing, status);
}

/** Whether lines can be drawn again in what is printed to. */
export function isDrawable(stream: NodeJS.WriteStream, { TERM }: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && TERM !== 'dumb';
}
