import { type ServiceControl, type ServiceEvent, ServiceNotRunningError } from '../control.js';
import { CliError } from './cli-error.js';
import { type FullScreen, openFullScreen } from './full-screen.js';
import { isDrawable } from './live-display.js';
import { type ServiceFlags, withService } from './running-service.js';
import { topLines } from './top-lines.js';
import {
  initialState,
  pressed,
  type TopState,
  type Verb,
  type Wish,
  withEarlierLines,
  withLines,
  withMessage,
  withSample,
  withStatus,
} from './top-state.js';

/** How often it is looked at anew without an event, in milliseconds. */
const REFRESH = 1000;
/** In milliseconds. */
const DRAW_DELAY = 20;
const SHOWN: readonly ServiceEvent['type'][] = ['transition', 'sample', 'output', 'fleet'];

/** `sidecar top`: what the sidecars of a running service are doing, on the whole terminal, until q. */
export async function top(flags: ServiceFlags): Promise<void> {
  if (!process.stdin.isTTY || !isDrawable(process.stdout, process.env)) {
    throw new CliError('top takes a terminal; in a pipe or a script use "sidecar status"');
  }
  await withService(flags, async (control) => {
    const watching = new Watching(control, initialState(await control.status()));
    const screen = await openFullScreen({
      pressed: (key) => watching.press(key),
      resized: () => watching.draw(),
    });
    try {
      await watching.run(screen);
    } finally {
      screen.leave();
    }
    if (watching.hasServiceEnded) console.log('The service has ended.');
  });
}

class Watching {
  readonly #control: ServiceControl;
  /** Ends all requests with it. */
  readonly #over = new AbortController();
  #state: TopState;
  #screen: FullScreen | null = null;
  #drawing: NodeJS.Timeout | null = null;
  #isRefreshing = false;
  #mustRefresh = false;
  hasServiceEnded = false;

  constructor(control: ServiceControl, state: TopState) {
    this.#control = control;
    this.#state = state;
  }

  /** Until it is told to quit, or the service ends. */
  async run(screen: FullScreen): Promise<void> {
    this.#screen = screen;
    const { signal } = this.#over;
    const quit = () => this.#over.abort();
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    for (const each of signals) process.on(each, quit);
    const timer = setInterval(() => void this.#refresh(), REFRESH);
    this.draw();
    try {
      for await (const event of await this.#control.events({ types: SHOWN, signal })) this.#hear(event);
      this.hasServiceEnded = true;
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      clearInterval(timer);
      for (const each of signals) process.off(each, quit);
      this.#over.abort();
    }
  }

  press(key: string): void {
    const { state, wish } = pressed(this.#state, key);
    this.#change(state);
    void this.#fulfil(wish);
  }

  draw(): void {
    const screen = this.#screen;
    if (screen === null || this.#over.signal.aborted) return;
    // However much is printed, it is not drawn more often than can be seen.
    this.#drawing ??= setTimeout(() => {
      this.#drawing = null;
      if (!this.#over.signal.aborted) screen.draw(topLines(this.#state, screen.size, Date.now()));
    }, DRAW_DELAY);
  }

  #hear(event: ServiceEvent): void {
    if (event.type === 'sample') this.#change(withSample(this.#state, event.sidecar, event));
    else if (event.type === 'output') {
      const { sidecar, time, source, line } = event;
      this.#change(withLines(this.#state, sidecar, [{ time, source, line }]));
    } else void this.#refresh();
  }

  /** One at a time, and once more for what has happened meanwhile. */
  async #refresh(): Promise<void> {
    this.#mustRefresh = true;
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    while (this.#mustRefresh && !this.#over.signal.aborted) {
      this.#mustRefresh = false;
      await this.#askStatus();
    }
    this.#isRefreshing = false;
  }

  async #askStatus(): Promise<void> {
    try {
      const status = await this.#control.status({ signal: this.#over.signal });
      this.#change(withStatus(this.#state, status));
    } catch (error) {
      // That it has ended is known by its events.
      if (this.#over.signal.aborted || error instanceof ServiceNotRunningError) return;
      this.#change(withMessage(this.#state, messageOf(error)));
    }
  }

  async #fulfil(wish: Wish): Promise<void> {
    switch (wish.type) {
      case 'none':
        break;
      case 'quit':
        this.#over.abort();
        break;
      case 'show-log':
        await this.#showLog(wish.name);
        break;
      case 'command':
        await this.#perform(wish.verb, wish.name);
        break;
    }
  }

  async #showLog(name: string): Promise<void> {
    const { signal } = this.#over;
    try {
      const lines = await this.#control.logs(name, { signal });
      this.#change(withEarlierLines(this.#state, name, lines));
    } catch (error) {
      if (!signal.aborted) this.#change(withMessage(this.#state, messageOf(error)));
    }
  }

  /** What becomes of it goes on in the service when this is quit. */
  async #perform(verb: Verb, name: string): Promise<void> {
    try {
      await this.#control[verb](name, { signal: this.#over.signal });
      this.#change(withMessage(this.#state, `${verb} ${name}: done`));
    } catch (error) {
      if (!this.#over.signal.aborted) this.#change(withMessage(this.#state, messageOf(error)));
    }
  }

  #change(state: TopState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.draw();
  }
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
