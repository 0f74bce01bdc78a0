import { type Actor, createActor, fromCallback } from 'xstate';
import { createFleetChart } from '../../machines/fleet.js';
import type {
  FleetCommand,
  FleetEmitted,
  MemberCommand,
  MemberReport,
  SidecarsCommand,
} from '../../machines/fleet.types.js';
import type { StopReason } from '../../machines/sidecar.types.js';
import type { TransitionCause } from '../../machines/transition-record.js';
import type { FleetMember, ResolvedFleetConfig } from '../../src/config/resolve-fleet.js';
import { SteppingClock } from '../explore/stepping-clock.js';

/** What a fake sidecar is doing, as its own chart would have it. */
export interface FakeSidecar {
  readonly member: FleetMember;
  state: 'stopped' | 'starting' | 'spawned' | 'healthy' | 'backingOff' | 'stopping';
  isServing: boolean;
  isDraining: boolean;
}

function idleFake(member: FleetMember): FakeSidecar {
  return { member, state: 'stopped', isServing: false, isDraining: false };
}

export const crash: TransitionCause = { type: 'group-empty' };

/** The chart of a fleet with faithful sidecars that do nothing by themselves. */
export class FleetWorld {
  readonly clock = new SteppingClock();
  config: ResolvedFleetConfig;
  readonly actor: Actor<ReturnType<typeof createFleetChart>>;
  readonly sidecars: Map<string, FakeSidecar>;
  readonly commands: MemberCommand[] = [];
  readonly emitted: FleetEmitted[] = [];
  /** Looks at each command before it is obeyed. */
  onCommand: (command: MemberCommand) => void = () => {};
  error: unknown = null;
  #next: { readonly config: ResolvedFleetConfig; readonly replaced: readonly string[] } | null = null;

  constructor(config: ResolvedFleetConfig) {
    this.config = config;
    this.sidecars = new Map(config.members.map((member) => [member.name, idleFake(member)]));
    const chart = createFleetChart({ now: () => this.clock.now(), random: () => 0 });
    const sidecars = fromCallback<SidecarsCommand>(({ receive }) =>
      receive((command) => (command.type === 'members.adopt' ? this.#adopt() : this.#obey(command))),
    );
    this.actor = createActor(chart.provide({ actors: { sidecars } }), {
      clock: this.clock,
      input: { config },
    });
    this.actor.on('*', (event) => this.emitted.push(event));
    this.actor.subscribe({
      error: (error) => {
        this.error = error;
      },
    });
    this.actor.start();
  }

  get state() {
    return this.actor.getSnapshot().value;
  }

  get context() {
    return this.actor.getSnapshot().context;
  }

  fake(name: string): FakeSidecar {
    const fake = this.sidecars.get(name);
    if (fake === undefined) throw new Error(`There is no "${name}".`);
    return fake;
  }

  emittedOf<Type extends FleetEmitted['type']>(type: Type) {
    return this.emitted.filter(
      (event): event is Extract<FleetEmitted, { type: Type }> => event.type === type,
    );
  }

  send(command: FleetCommand['type'] & ('START' | 'STOP')): this {
    this.actor.send({ type: command });
    return this;
  }

  roll(sidecar: string, keepServing: number): this {
    this.actor.send({ type: 'ROLL', sidecar, keepServing, how: 'restart', drainTimeout: 30_000 });
    return this;
  }

  changes(
    config: ResolvedFleetConfig,
    replaced: readonly string[] = [],
    restarted: readonly string[] = [],
  ): this {
    if (this.context.change === null) this.#next = { config, replaced };
    this.actor.send({ type: 'CHANGE', config, replaced, restarted });
    return this;
  }

  spawns(name: string): this {
    return this.#becomes(name, 'spawned', { type: 'member.spawned', name });
  }

  isHealthy(name: string): this {
    this.fake(name).state = 'healthy';
    this.serves(name, true);
    return this.#report({ type: 'member.healthy', name });
  }

  serves(name: string, isServing: boolean): this {
    const fake = this.fake(name);
    if (fake.isServing === isServing) return this;
    fake.isServing = isServing;
    return this.#report({ type: 'member.serving', name, isServing });
  }

  /** Its process is gone, and its own chart waits to start another. */
  loses(name: string): this {
    this.serves(name, false);
    this.fake(name).isDraining = false;
    return this.#becomes(name, 'backingOff', { type: 'member.lost', name, cause: crash });
  }

  /** Its own chart has waited. */
  restartsByItself(name: string): this {
    this.fake(name).state = 'starting';
    return this;
  }

  stops(name: string, reason: StopReason = 'requested'): this {
    this.serves(name, false);
    this.fake(name).isDraining = false;
    return this.#becomes(name, 'stopped', { type: 'member.stopped', name, reason, cause: null });
  }

  drains(name: string): this {
    this.fake(name).isDraining = false;
    return this.#report({ type: 'member.drained', name });
  }

  /** Lets everything go on well until nothing more happens. */
  settle(): this {
    for (let step = 0; step < 10_000; step += 1) {
      if (this.error !== null) throw this.error;
      const isDone = [...this.sidecars.keys()].every((name) => !this.#goesOn(name));
      if (!isDone) continue;
      if (this.clock.nextDue() === null) return this;
      this.clock.advanceToNext();
    }
    throw new Error(`The fleet never comes to rest; it is ${this.state}.`);
  }

  /** All are up. */
  run(): this {
    return this.send('START').settle();
  }

  #goesOn(name: string): boolean {
    const { state, isDraining } = this.fake(name);
    if (isDraining) this.drains(name);
    else if (state === 'starting') this.spawns(name);
    else if (state === 'spawned') this.isHealthy(name);
    else if (state === 'backingOff') this.restartsByItself(name);
    else if (state === 'stopping') this.stops(name);
    else return false;
    return true;
  }

  #becomes(name: string, state: FakeSidecar['state'], report: MemberReport): this {
    this.fake(name).state = state;
    return this.#report(report);
  }

  #report(report: MemberReport): this {
    this.actor.send(report);
    return this;
  }

  /** As the fleet has the new ones. */
  #adopt(): void {
    const change = this.#next;
    if (change === null) throw new Error('There is nothing to adopt.');
    this.#next = null;
    for (const { name } of this.config.members) {
      const { state } = this.fake(name);
      const isKept =
        change.config.members.some((each) => each.name === name) && !change.replaced.includes(name);
      if (isKept) continue;
      if (state !== 'stopped') throw new Error(`"${name}" is ${state}, and was to be taken away.`);
      this.sidecars.delete(name);
    }
    this.config = change.config;
    for (const member of change.config.members) {
      const present = this.sidecars.get(member.name);
      if (present !== undefined) this.sidecars.set(member.name, { ...present, member });
      else this.sidecars.set(member.name, idleFake(member));
    }
  }

  #obey(command: MemberCommand): void {
    this.onCommand(command);
    this.commands.push(command);
    const { name } = command;
    const fake = this.fake(name);
    switch (command.type) {
      case 'member.start':
        fake.state = 'starting';
        break;
      case 'member.stop':
        fake.isDraining = false;
        this.serves(name, false);
        if (fake.state === 'backingOff' || fake.state === 'stopped') this.stops(name);
        else fake.state = 'stopping';
        break;
      case 'member.drain':
        fake.isDraining = true;
        break;
      case 'member.replace':
        fake.isDraining = false;
        this.serves(name, false);
        fake.state = 'starting';
        break;
    }
  }
}
