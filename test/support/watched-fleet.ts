import { randomUUID } from 'node:crypto';
import { expect, onTestFinished } from 'vitest';
import { createFleet, type Fleet, type FleetConfig, type FleetEmitted } from '../../src/index.js';
import { CASE_MARK, type FoundProcess, findMarked, killAll } from './processes.js';
import { within } from './within.js';

type Emitted<Type extends FleetEmitted['type']> = Extract<FleetEmitted, { type: Type }>;

/** A fleet whose life is written down: its own events, and the starts and ends of its processes, by their names. */
export class WatchedFleet<Name extends string> {
  readonly fleet: Fleet<Name>;
  readonly events: FleetEmitted[] = [];
  /** `db spawned`, `db healthy`, `db stopped`, `db lost`, in the order in which they happened. */
  readonly life: string[] = [];
  readonly #mark: string;
  readonly #wakers = new Set<() => void>();
  #read = 0;

  constructor(config: FleetConfig<Name>, mark: string) {
    this.#mark = mark;
    this.fleet = createFleet(config);
    this.fleet.on('*', (event) => {
      this.events.push(event);
      this.#wake();
    });
    for (const sidecars of this.fleet.sidecars.values()) {
      for (const sidecar of sidecars) {
        sidecar.on('*', ({ type }) => {
          const what = type === 'restart-scheduled' ? 'lost' : type;
          if (!['spawned', 'healthy', 'stopped', 'lost'].includes(what)) return;
          this.life.push(`${sidecar.config.name} ${what}`);
          this.#wake();
        });
      }
    }
    onTestFinished(async () => {
      await this.fleet[Symbol.asyncDispose]();
      killAll(this.processes());
    });
  }

  async run(): Promise<this> {
    await within(this.fleet.start(), () => `running\n${this.story()}`);
    await this.next('state', ({ state }) => state === 'running');
    return this;
  }

  /** The first event of a kind after the last one that was waited for. */
  async next<Type extends FleetEmitted['type']>(
    type: Type,
    matches: (event: Emitted<Type>) => boolean = () => true,
  ): Promise<Emitted<Type>> {
    return within(
      this.#whenFound(() => {
        for (let at = this.#read; at < this.events.length; at += 1) {
          const event = this.events[at];
          if (event === undefined || !isOfType(event, type) || !matches(event)) continue;
          this.#read = at + 1;
          return event;
        }
        return undefined;
      }),
      () => `${type}\n${this.story()}`,
    );
  }

  /** Waits until something was written down in `life`. */
  async lived(entry: string): Promise<void> {
    await within(
      this.#whenFound(() => (this.life.includes(entry) ? true : undefined)),
      () => `${entry}\n${this.story()}`,
    );
  }

  /** Ends the process of an instance as a crash would. */
  crash(name: Name, instance = 1): void {
    const { pid } = this.fleet.get(name, instance).status();
    if (pid === null) throw new Error(`"${name}" has no process now.`);
    process.kill(pid, 'SIGKILL');
  }

  /** What was written down since; `life` begins anew. */
  takeLife(): string[] {
    return this.life.splice(0);
  }

  processes(): FoundProcess[] {
    return findMarked(CASE_MARK, this.#mark);
  }

  leavesNothing(): void {
    expect(this.processes()).toEqual([]);
  }

  story(): string {
    const states = this.events.map((event) => JSON.stringify(event).slice(0, 300));
    return [...states.slice(-20), ...this.life.slice(-30)].join('\n');
  }

  #wake(): void {
    for (const wake of this.#wakers) wake();
  }

  #whenFound<Value>(search: () => Value | undefined): Promise<Value> {
    return new Promise((resolve) => {
      const look = () => {
        const found = search();
        if (found === undefined) return;
        this.#wakers.delete(look);
        resolve(found);
      };
      this.#wakers.add(look);
      look();
    });
  }
}

function isOfType<Type extends FleetEmitted['type']>(
  event: FleetEmitted,
  type: Type,
): event is Emitted<Type> {
  return event.type === type;
}

/**
 * Starts nothing yet.
 *
 * @param configure is given what marks a process as one of this fleet
 */
export function watchFleet<Name extends string>(
  configure: (env: Readonly<Record<string, string>>) => FleetConfig<Name>,
): WatchedFleet<Name> {
  const mark = randomUUID();
  return new WatchedFleet(configure({ [CASE_MARK]: mark }), mark);
}
