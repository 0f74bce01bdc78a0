import { type Actor, createActor, fromCallback } from 'xstate';
import type {
  CompileInput,
  ExitStatus,
  HealthCommand,
  HealthPace,
  IncarnationInput,
  ProcessCommand,
  ProcessInput,
  ResourceSample,
  SidecarContext,
  SidecarEmitted,
  SidecarEvent,
} from '../../machines/sidecar.types.js';
import type { TransitionRecord } from '../../machines/transition-record.js';
import type { ResolvedSidecarConfig } from '../../src/config/schema.js';
import { type ChartConfig, chartOf, resolveChartConfig, type SidecarChart, stateOf } from './chart.js';
import {
  checked,
  compileDone,
  compileFailed,
  emptied,
  exited,
  greedySample,
  idle,
  modestSample,
  readinessChecked,
  sampled,
  spawned,
  spawnFailed,
  taken,
} from './reports.js';
import { SteppingClock } from './stepping-clock.js';

/** A process group in the fake world: gone only once it is no longer in `World.processes`. */
export interface FakeProcess {
  readonly generation: number;
  phase: 'starting' | 'alive' | 'survived';
  /** The results of its health checks, oldest first. */
  readonly results: boolean[];
}

/** Something that the chart told the process actor, and when. */
export interface Order {
  readonly time: number;
  readonly type: ProcessCommand['type'];
  readonly generation: number;
}

export interface HealthWatcher {
  readonly generation: number;
  pace: HealthPace;
  /** How often a check out of turn was asked for. */
  requests: number;
  /** What else it was told. */
  readonly told: HealthCommand[];
}

export interface WorldOptions {
  readonly random?: () => number;
  /** Whether a start can outlast SIGKILL. The real actor gives up a start at once when it is told to end it. */
  readonly startsCanHang?: boolean;
  /** Hears each step: what the chart was given, and how it is after that. */
  readonly hear?: (event: { readonly type: string }, context: SidecarContext) => void;
}

/**
 * A chart with faithful actors in a world that does nothing by itself: processes start, end and answer only when a test says
 * so, or never.
 */
export class World {
  readonly clock = new SteppingClock();
  readonly config: ResolvedSidecarConfig;
  readonly actor: Actor<SidecarChart>;
  readonly processes = new Set<FakeProcess>();
  readonly compilations = new Set<number>();
  readonly healthWatchers = new Set<HealthWatcher>();
  readonly resourceWatchers = new Set<number>();
  readonly orders: Order[] = [];
  /** How often other programs were let have it. */
  releases = 0;
  readonly emitted: SidecarEmitted[] = [];
  readonly transitions: TransitionRecord[] = [];
  /** All that was ever reported, so that it can be said again. */
  readonly reports: SidecarEvent[] = [];
  error: unknown = null;
  readonly #startsCanHang: boolean;

  constructor(
    config: ChartConfig = {},
    { random = () => 0, startsCanHang = false, hear }: WorldOptions = {},
  ) {
    this.#startsCanHang = startsCanHang;
    this.config = resolveChartConfig(config);
    const chart = chartOf(this.config, { now: () => this.clock.now(), random });
    this.actor = createActor(chart.provide({ actors: this.#actors() }), {
      clock: this.clock,
      ...(hear && {
        inspect: (inspected) => {
          if (inspected.type !== '@xstate.snapshot' || inspected.actorRef !== this.actor) return;
          hear(inspected.event, this.context);
        },
      }),
    });
    this.actor.on('*', (event) => {
      this.emitted.push(event);
      if (event.type === 'transition') this.transitions.push(event.record);
    });
    this.actor.subscribe({
      error: (error) => {
        this.error = error;
      },
    });
    this.actor.start();
  }

  get state() {
    return stateOf(this.actor.getSnapshot());
  }

  get context() {
    return this.actor.getSnapshot().context;
  }

  /** The process group of the moment; the chart promises that there is at most one. */
  get process(): FakeProcess {
    const [process] = this.processes;
    if (process === undefined) throw new Error(`No process is alive in ${this.state}.`);
    return process;
  }

  /** What the process actor was told, in order. */
  get ordered(): ProcessCommand['type'][] {
    return this.orders.map(({ type }) => type);
  }

  emittedOf<Type extends SidecarEmitted['type']>(type: Type) {
    return this.emitted.filter(
      (event): event is Extract<SidecarEmitted, { type: Type }> => event.type === type,
    );
  }

  send(
    ...types: ('START' | 'STOP' | 'RESTART' | 'RELOAD' | 'health.requested' | 'client.requested')[]
  ): this {
    for (const type of types) this.actor.send({ type });
    return this;
  }

  report(event: SidecarEvent): this {
    this.reports.push(event);
    if (event.type === 'health.checked') {
      for (const { generation, results } of this.processes) {
        if (generation === event.generation) results.push(event.report.passed);
      }
    }
    this.actor.send(event);
    return this;
  }

  compiles(): this {
    return this.report(compileDone(this.#latest(this.compilations)));
  }

  failsToCompile(): this {
    return this.report(compileFailed(this.#latest(this.compilations)));
  }

  starts(process: FakeProcess = this.process): this {
    process.phase = 'alive';
    return this.report(spawned(process.generation));
  }

  failsToStart(permanent: boolean, process: FakeProcess = this.process): this {
    this.processes.delete(process);
    return this.report(spawnFailed(process.generation, permanent));
  }

  exits(survivors = 0, status?: ExitStatus, process: FakeProcess = this.process): this {
    if (survivors === 0) this.processes.delete(process);
    process.phase = 'survived';
    return this.report(exited(process.generation, survivors, status));
  }

  empties(process: FakeProcess = this.process): this {
    this.processes.delete(process);
    return this.report(emptied(process.generation));
  }

  check(...results: boolean[]): this {
    for (const passed of results) {
      this.report(
        checked(this.#latest([...this.healthWatchers].map(({ generation }) => generation)), passed),
      );
    }
    return this;
  }

  checkReadiness(...results: boolean[]): this {
    for (const passed of results) this.report(readinessChecked(this.context.generation, passed));
    return this;
  }

  /** Another program takes it over. */
  isTaken(): this {
    return this.report(taken);
  }

  /** The client has had nothing to do for `idleTimeout`. */
  idles(): this {
    return this.report(idle(this.context.generation));
  }

  sample(...samples: ('modest' | 'greedy' | ResourceSample)[]): this {
    for (const each of samples) {
      const sample = each === 'modest' ? modestSample : each === 'greedy' ? greedySample : each;
      this.report(sampled(this.#latest(this.resourceWatchers), sample));
    }
    return this;
  }

  advance(duration: number): this {
    this.clock.advance(duration);
    return this;
  }

  #latest(numbers: Iterable<number>): number {
    const latest = [...numbers].at(-1);
    if (latest === undefined) throw new Error(`In ${this.state} nobody is there to report this.`);
    return latest;
  }

  #actors() {
    return {
      compile: fromCallback<{ type: 'none' }, CompileInput>(({ input: { compilation } }) => {
        this.compilations.add(compilation);
        return () => this.compilations.delete(compilation);
      }),
      process: fromCallback<ProcessCommand, ProcessInput>(({ receive }) => receive((it) => this.#obey(it))),
      health: fromCallback<HealthCommand, IncarnationInput>(({ input: { generation }, receive }) => {
        const watcher: HealthWatcher = { generation, pace: 'startup', requests: 0, told: [] };
        this.healthWatchers.add(watcher);
        receive((command) => {
          if (command.type === 'health.pace') watcher.pace = command.pace;
          else if (command.type === 'health.check') watcher.requests += 1;
          else watcher.told.push(command);
        });
        return () => this.healthWatchers.delete(watcher);
      }),
      resources: fromCallback<{ type: 'none' }, IncarnationInput>(({ input: { generation } }) => {
        this.resourceWatchers.add(generation);
        return () => this.resourceWatchers.delete(generation);
      }),
    };
  }

  #obey(command: ProcessCommand): void {
    if (command.type === 'process.release') {
      this.releases += 1;
      return;
    }
    const { generation } = this.context;
    this.orders.push({ time: this.clock.now(), type: command.type, generation });
    if (command.type === 'process.spawn') {
      this.processes.add({ generation: command.generation, phase: 'starting', results: [] });
    }
    if (command.type === 'process.kill' && !this.#startsCanHang) {
      for (const process of this.processes) {
        if (process.phase === 'starting') this.failsToStart(false, process);
      }
    }
  }
}
