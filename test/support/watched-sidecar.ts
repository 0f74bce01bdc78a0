import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { expect, inject, onTestFinished } from 'vitest';
import {
  createSidecar,
  explainTransition,
  type Sidecar,
  type SidecarConfig,
  type SidecarEmitted,
  type SidecarStateName,
  type TransitionRecord,
} from '../../src/index.js';
import { CASE_MARK, type FoundProcess, findMarked, killAll } from './processes.js';
import { expectJournal } from './replay-journals.js';
import { PATIENCE, within } from './within.js';

type CompileSection = NonNullable<SidecarConfig['compile']>;
type Emitted<Type extends SidecarEmitted['type']> = Extract<SidecarEmitted, { type: Type }>;

/**
 * A sidecar whose events are written down, so that a test reads them in order however late it looks, and whose
 * processes are marked. It is stopped when the test has finished.
 */
export class WatchedSidecar {
  readonly sidecar: Sidecar;
  readonly events: SidecarEmitted[] = [];
  /** What `start()` came to. */
  started: Promise<'running' | Error> | null = null;
  readonly #mark = randomUUID();
  readonly #wakers = new Set<() => void>();
  #read = 0;

  constructor(config: SidecarConfig) {
    this.sidecar = createSidecar(journalled(marked(config, this.#mark), this.#mark));
    const { stateDirectory, journal } = this.sidecar.config;
    let isExpected = stateDirectory !== null && journal !== false && isOfThisRun(stateDirectory);
    this.sidecar.on('*', (event) => {
      if (isExpected && stateDirectory !== null) expectJournal(inject('runtimeFolder'), stateDirectory);
      isExpected = false;
      this.events.push(event);
      for (const wake of this.#wakers) wake();
    });
    onTestFinished(async () => {
      await this.sidecar[Symbol.asyncDispose]();
      killAll(this.processes());
    });
  }

  /** Starts it and does not wait; see `started`. */
  start(): this {
    this.started = this.sidecar.start().then(
      () => 'running' as const,
      (error: Error) => error,
    );
    return this;
  }

  /** Starts it and waits until it is running. */
  async run(): Promise<this> {
    await within(this.sidecar.start(), () => `running\n${this.story()}`);
    await this.next('healthy');
    return this;
  }

  /** The first event of a kind after the last one that was waited for. */
  async next<Type extends SidecarEmitted['type']>(
    type: Type,
    matches: (event: Emitted<Type>) => boolean = () => true,
    patience = PATIENCE,
  ): Promise<Emitted<Type>> {
    const search = (): Emitted<Type> | undefined => {
      for (let at = this.#read; at < this.events.length; at += 1) {
        const event = this.events[at];
        if (event === undefined || !isOfType(event, type) || !matches(event)) continue;
        this.#read = at + 1;
        return event;
      }
      return undefined;
    };
    return within(this.#whenFound(search), () => `${type}\n${this.story()}`, patience);
  }

  /** The next time that a state is entered, after the last event that was waited for. */
  async entered(state: SidecarStateName, patience = PATIENCE): Promise<TransitionRecord> {
    const { record } = await this.next('transition', (event) => event.record.to === state, patience);
    return record;
  }

  /** Everything of one kind so far. */
  all<Type extends SidecarEmitted['type']>(type: Type): Emitted<Type>[] {
    return this.events.filter((event) => isOfType(event, type));
  }

  /** The states in the order in which they were entered. */
  states(): SidecarStateName[] {
    return this.all('transition').map(({ record }) => record.to);
  }

  /** Waits until it has printed that many lines of a kind, since its beginning; the lines. */
  printed(pattern: string | RegExp, count = 1): Promise<string[]> {
    const isWanted = (line: string) => (typeof pattern === 'string' ? line === pattern : pattern.test(line));
    const found: string[] = [];
    let read = 0;
    const search = () => {
      for (; read < this.events.length && found.length < count; read += 1) {
        const event = this.events[read];
        if (event?.type === 'output' && isWanted(event.line)) found.push(event.line);
      }
      return found.length < count ? undefined : found;
    };
    return within(this.#whenFound(search), () => `the line ${pattern}\n${this.story()}`);
  }

  /** What the process and the compiler printed so far. */
  lines(): string[] {
    return this.all('output').map(({ line }) => line);
  }

  /** The address of the process of the moment. */
  get origin(): string {
    const { endpoint } = this.sidecar.status();
    if (endpoint?.transport !== 'http') throw new Error('It does not listen on HTTP now.');
    return `http://${endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host}:${endpoint.port}`;
  }

  get pid(): number {
    const { pid } = this.sidecar.status();
    if (pid === null) throw new Error('It has no process now.');
    return pid;
  }

  /** Changes what the server does, see test/fixtures/server.mjs. */
  async control(changes: string): Promise<void> {
    const response = await fetch(`${this.origin}/control?${changes}`);
    expect(response.status).toBe(200);
    await response.arrayBuffer();
  }

  /** The processes of this sidecar that are alive now, its compilers and all descendants included. */
  processes(): FoundProcess[] {
    return findMarked(CASE_MARK, this.#mark);
  }

  /** Stops it; not a single process may be left by then. */
  async stopsCleanly(): Promise<void> {
    await within(this.sidecar.stop(), () => `stopped\n${this.story()}`);
    expect(this.sidecar.status()).toMatchObject({ state: 'stopped', reason: 'requested', pid: null });
    this.leavesNothing();
  }

  /** Not a single process is left at this moment. */
  leavesNothing(): void {
    expect(this.processes()).toEqual([]);
  }

  /** What happened, for people. */
  story(): string {
    const { events } = this;
    const told = events.flatMap((event) => {
      if (event.type === 'transition') return [`${event.record.to}: ${explainTransition(event.record)}`];
      return event.type === 'output' ? [`  | ${event.line.slice(0, 200)}`] : [];
    });
    return told.slice(-30).join('\n');
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

function isOfType<Type extends SidecarEmitted['type']>(
  event: SidecarEmitted,
  type: Type,
): event is Emitted<Type> {
  return event.type === type;
}

/** Starts nothing yet. */
export function watch(config: SidecarConfig): WatchedSidecar {
  return new WatchedSidecar(config);
}

/** With a state directory, so that there is a journal of it, unless the test says otherwise. */
function journalled(config: SidecarConfig, mark: string): SidecarConfig {
  if (config.stateDirectory !== undefined || config.name !== undefined) return config;
  return { ...config, stateDirectory: join(process.env['XDG_RUNTIME_DIR'] ?? '', `watched-${mark}`) };
}

function isOfThisRun(stateDirectory: string): boolean {
  return stateDirectory.startsWith(inject('runtimeFolder'));
}

function marked(config: SidecarConfig, mark: string): SidecarConfig {
  const { env } = config.process;
  const mine = { [CASE_MARK]: mark };
  return {
    ...config,
    process: {
      ...config.process,
      env: typeof env === 'function' ? () => ({ ...env(), ...mine }) : { ...env, ...mine },
    },
    ...(config.compile && { compile: markedCompile(config.compile, mine) }),
  };
}

/** Another environment is another compilation, so one that may be skipped is not marked. */
function markedCompile(compile: CompileSection, mine: Record<string, string>): CompileSection {
  return compile.outputs === undefined ? { ...compile, env: { ...compile.env, ...mine } } : compile;
}
