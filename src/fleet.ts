import { type Actor, createActor } from 'xstate';
import type { FleetEmitted, FleetStateName, Rollout } from '../machines/fleet.types.js';
import { phaseOf } from '../machines/fleet-members.js';
import { type ConfigChanges, compareFleets, endedBy } from './config/config-changes.js';
import type { FleetConfig } from './config/fleet-schema.js';
import { type FleetMember, type ResolvedFleetConfig, resolveFleetConfig } from './config/resolve-fleet.js';
import { FleetClient, type Instance } from './fleet/fleet-client.js';
import { Roster } from './fleet/roster.js';
import { isDraining, whenNotDraining } from './fleet-draining.js';
import { FleetChangeError, FleetRolloutError, FleetStartError } from './fleet-error.js';
import { createFleetMachine, type FleetMachine } from './fleet-machine.js';
import { type FleetStatus, fleetStatusOf } from './fleet-status.js';
import { rollOnSave } from './fleet-watch.js';
import type { Inspector } from './inspect/inspector.js';
import { Inspection } from './inspection.js';
import { unrefClock } from './os/clock.js';
import { settledBy, type Verdict } from './settled-by.js';
import { Sidecar } from './sidecar.js';
import { SidecarError, SidecarUnkillableError } from './sidecar-error.js';
import type { SidecarOptions } from './sidecar-options.js';

/** How long requests may take to finish before the reload of a saved source ends them, in milliseconds. */
const RELOAD_DRAIN = 5000;

/** The events of a fleet that are called `Type`; `'*'` is all of them. */
export type FleetEventOf<Type> = FleetEmitted & (Type extends '*' ? unknown : { type: Type });

/** How a rolling restart goes. */
export interface RolloutOptions {
  /** So many instances serve at any time; by default all but one. 0 may replace all at once. */
  readonly keepServing?: number;
  /** `reload` compiles first, and replaces nothing when that fails; default `restart`. */
  readonly how?: Rollout['how'];
  /** How long an instance may take to finish its requests before it is told to end, in milliseconds; default 30,000. */
  readonly drainTimeout?: number;
}

/**
 * Several sidecars that belong together: started in the order of what they depend on, stopped in reverse, and restarted
 * as the strategy says. Each is an ordinary `Sidecar`.
 *
 * Every method may be called at any time; none hangs.
 *
 * @throws {SidecarConfigError} from the constructor, listing everything that is wrong; nothing is started by it.
 */
export class Fleet<Name extends string = string> implements AsyncDisposable {
  /** The state machine's actor, for those who want the machine itself. */
  readonly actor: Actor<FleetMachine>;
  readonly #options: SidecarOptions;
  readonly #roster: Roster;
  #keys: readonly Name[];
  readonly #clients = new Map<Name, FleetClient>();
  readonly #endWatch: () => void;
  readonly #inspection: Inspection;

  constructor(config: FleetConfig<Name>, options: SidecarOptions = {}) {
    const resolved = resolveFleetConfig(config);
    const { members } = resolved;
    this.#options = options;
    this.#keys = keysOf(config);
    this.#roster = new Roster(new Map(members.map((member) => [member.name, this.#make(member)])));
    const clock = members.every((member) => member.config.process.unref) ? { clock: unrefClock } : {};
    this.actor = createActor(createFleetMachine(this.#roster), { input: { config: resolved }, ...clock });
    // It tells nobody to start yet.
    this.actor.start();
    this.#endWatch = this.#rollOnSave();
    const title = Object.keys(config.sidecars).join(', ');
    this.#inspection = new Inspection(resolved.inspect, { title, sidecars: () => this.#roster.current });
    this.actor.on('adopted', () => this.#inspection.adopt());
  }

  /** The validated configuration, with all defaults, one member for each process. `apply()` changes it. */
  get config(): ResolvedFleetConfig {
    return this.actor.getSnapshot().context.config;
  }

  /** The instances of each sidecar, by its key in the configuration. */
  get sidecars(): ReadonlyMap<Name, readonly Sidecar[]> {
    return new Map(this.#keys.map((name) => [name, this.#instancesOf(name)]));
  }

  /**
   * Starts all of them, side by side as far as their dependencies allow; resolves once each is healthy. It does nothing
   * when they are; while the fleet is starting or restarting it waits along; while it is stopping it starts it again
   * afterwards. What may pass is retried, as by `Sidecar.start()`.
   *
   * @param options.signal gives up: the fleet is stopped, and the promise rejects with the signal's reason.
   * @throws {FleetStartError} when the fleet is stopped instead, naming the sidecar that it was.
   */
  async start({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    signal?.throwIfAborted();
    this.#require();
    this.#inspection.announce();
    if (this.#is('running')) return;
    const giveUp = () => this.actor.send({ type: 'STOP' });
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      await this.#settles(
        () => this.actor.send({ type: 'START' }),
        (event) => {
          if (event.type === 'state' && event.state === 'running') return 'done';
          // A START while stopping passes through `stopped` without staying there.
          return event.type === 'stopped' && this.#is('stopped') ? new FleetStartError(event.reason) : 'wait';
        },
      );
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  /**
   * Stops all of them, each once all that depends on it is stopped; resolves once nothing of them is left.
   *
   * @throws {SidecarUnkillableError} when a process is still there after SIGKILL; the others are stopped.
   */
  async stop(): Promise<void> {
    if (this.#isGivenUp) return;
    const { context } = this.actor.getSnapshot();
    const isDown = this.config.members.every(({ name }) => phaseOf(context, name) === 'down');
    if (!isDown || !this.#is('stopped')) {
      await this.#settles(
        () => this.actor.send({ type: 'STOP' }),
        (event) => (event.type === 'stopped' ? 'done' : 'wait'),
      );
    }
    const left = [...this.#roster.current].filter(([, sidecar]) => sidecar.status().reason === 'unkillable');
    if (left.length === 0) return;
    const names = left.map(([name]) => `"${name}"`).join(', ');
    throw new SidecarUnkillableError(`A process is still there after SIGKILL, of: ${names}.`);
  }

  /**
   * Replaces the processes of all instances of a sidecar, while at least `keepServing` of them serve. Each gets no
   * further requests of `client()`, finishes those that it has, is restarted, and has had its turn once it is ready.
   *
   * @throws {FleetRolloutError} when one does not come up, or a reload does not compile: those that had no turn yet are
   *   left as they are.
   * @throws {SidecarError} when the fleet is not running, or a rollout is under way already.
   * @throws {RangeError} when `keepServing` is not less than the number of instances.
   */
  async rollingRestart(
    name: Name,
    { keepServing, how = 'restart', drainTimeout = 30_000 }: RolloutOptions = {},
  ): Promise<void> {
    this.#require();
    const instances = this.#instancesOf(name).length;
    const kept = keepServing ?? instances - 1;
    if (!Number.isInteger(kept) || kept < 0 || kept >= instances) {
      throw new RangeError(`keepServing must be 0 to ${instances - 1} for ${instances} of "${name}"`);
    }
    const { value, context } = this.actor.getSnapshot();
    if (value !== 'running') throw new SidecarError(`The fleet is ${value}: it has to run for a rollout.`);
    if (context.rollout !== null) {
      throw new SidecarError(`A rollout of "${context.rollout.sidecar}" is under way already.`);
    }
    await this.#settles(
      () => this.actor.send({ type: 'ROLL', sidecar: name, keepServing: kept, how, drainTimeout }),
      (event) => {
        if (event.type === 'rollout-failed') return new FleetRolloutError(event);
        return event.type === 'rollout-done' ? 'done' : 'wait';
      },
    );
  }

  /**
   * One of the sidecars.
   *
   * @param instance which of its instances, from 1
   * @throws {SidecarError} when there is no such one.
   */
  get(name: Name, instance = 1): Sidecar {
    const sidecar = this.#instancesOf(name)[instance - 1];
    if (sidecar === undefined) throw new SidecarError(`This fleet has no instance ${instance} of "${name}".`);
    return sidecar;
  }

  /**
   * Spreads requests over the instances of a sidecar that are ready.
   *
   * @throws {SidecarError} when there is no such sidecar.
   */
  client(name: Name): FleetClient {
    const present = this.#clients.get(name);
    if (present !== undefined) return present;
    this.#instancesFor(name);
    // Another configuration may have others.
    const client = new FleetClient(() => this.#instancesFor(name));
    this.#clients.set(name, client);
    return client;
  }

  /**
   * What another configuration would change. Nothing is done.
   *
   * @throws {SidecarConfigError} listing everything that is wrong with it.
   */
  compare(config: FleetConfig<Name>): ConfigChanges {
    return compareFleets(this.config, resolveFleetConfig(config));
  }

  /**
   * Changes to another configuration: starts what is new, stops what is gone, replaces what differs, each in the order of
   * what depends on it, and leaves the rest alone; in a fleet that is stopped, nothing is started. What is replaced is another
   * `Sidecar` from then on: take it from `get()` or `sidecars` again, as after the event `adopted`.
   *
   * @returns what was changed, once all that is new or replaced is healthy.
   * @throws {SidecarConfigError} listing everything that is wrong with it; nothing is done then.
   * @throws {FleetChangeError} when something does not come up. The others are as the new configuration has them.
   * @throws {SidecarError} when a rollout or another change is under way, or the fleet is stopped meanwhile.
   */
  async apply(config: FleetConfig<Name>): Promise<ConfigChanges> {
    this.#require();
    const resolved = resolveFleetConfig(config);
    const changes = compareFleets(this.config, resolved);
    const { rollout, change } = this.actor.getSnapshot().context;
    if (rollout !== null)
      throw new SidecarError(`A rollout of "${rollout.sidecar}" is under way: wait for it.`);
    if (change !== null) throw new SidecarError('Another configuration is being applied: wait for that.');
    const { replaced, restarted } = endedBy(changes);
    this.#roster.prepare(() => this.#rosterFor(resolved, replaced));
    const wasWanted = !this.#is('stopped') && !this.#is('stopping');
    await this.#settles(
      () => this.actor.send({ type: 'CHANGE', config: resolved, replaced, restarted }),
      (event) => {
        if (event.type === 'adopted') this.#keys = keysOf(config);
        if (event.type !== 'changed') return 'wait';
        if (event.failures.length > 0) return new FleetChangeError(event.failures);
        const isStopped = this.#is('stopped') || this.#is('stopping');
        return wasWanted && isStopped ? new SidecarError('The fleet was stopped meanwhile.') : 'done';
      },
    );
    return changes;
  }

  /** What it is doing now, and each of its processes. */
  status(): FleetStatus {
    return fleetStatusOf(this.actor.getSnapshot(), this.#roster.current);
  }

  /**
   * The inspector of all its sidecars that `inspect` asks for: opened by the first start, or by this before it.
   *
   * @returns null without `inspect`
   * @throws {Error} when it can't listen, as when its port is taken
   */
  async inspector(): Promise<Inspector | null> {
    this.#require();
    return this.#inspection.open();
  }

  /**
   * Listens to one kind of event of the fleet; `'*'` to all. What one sidecar does is told by that one.
   *
   * @returns the function that ends it.
   */
  on<Type extends FleetEmitted['type'] | '*'>(
    type: Type,
    listener: (event: FleetEventOf<Type>) => void,
  ): () => void {
    const subscription = this.actor.on(type, listener);
    return () => subscription.unsubscribe();
  }

  /** Stops the fleet and gives up its actors; it can't be started again. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.stop();
    } finally {
      this.#endWatch();
      this.actor.stop();
      await this.#roster.giveUp();
      await this.#inspection.close();
    }
  }

  #make({ config }: FleetMember): Sidecar {
    return new Sidecar(config, this.#options);
  }

  /** Those that stay, and new ones. */
  #rosterFor({ members }: ResolvedFleetConfig, replaced: readonly string[]): ReadonlyMap<string, Sidecar> {
    const { current } = this.#roster;
    return new Map(
      members.map((member) => {
        const { name } = member;
        return [
          name,
          replaced.includes(name) ? this.#make(member) : (current.get(name) ?? this.#make(member)),
        ];
      }),
    );
  }

  #rollOnSave(): () => void {
    return rollOnSave({
      watched: () => this.config.watched,
      on: (listener) => void this.on('*', listener),
      mayRoll: () => {
        const { rollout, change } = this.actor.getSnapshot().context;
        return this.#is('running') && rollout === null && change === null;
      },
      roll: (sidecar) => {
        const keepServing = this.#instancesOf(sidecar).length - 1;
        this.actor.send({ type: 'ROLL', sidecar, keepServing, how: 'reload', drainTimeout: RELOAD_DRAIN });
      },
      warn: (sidecar, error) => this.#instancesOf(sidecar)[0]?.actor.send({ type: 'watch.failed', error }),
    });
  }

  #instancesOf(name: string): readonly Sidecar[] {
    return this.config.members
      .filter(({ sidecar }) => sidecar === name)
      .flatMap((member) => this.#roster.current.get(member.name) ?? []);
  }

  /** @throws {SidecarError} when there is no such sidecar, or no more */
  #instancesFor(name: Name): readonly [Instance, ...Instance[]] {
    const [first, ...others] = this.config.members
      .filter(({ sidecar }) => sidecar === name)
      .map((member) => this.#instance(member.name));
    if (first === undefined) throw new SidecarError(`This fleet has no sidecar "${name}".`);
    return [first, ...others];
  }

  #instance(memberName: string): Instance {
    return {
      sidecar: this.#sidecar(memberName),
      isDraining: () => isDraining(this.actor, memberName),
      whenNotDraining: (signal) => whenNotDraining(this.actor, memberName, signal),
    };
  }

  #sidecar(memberName: string): Sidecar {
    const sidecar = this.#roster.current.get(memberName);
    if (sidecar === undefined) throw new SidecarError(`This fleet has no "${memberName}".`);
    return sidecar;
  }

  get #isGivenUp(): boolean {
    return this.actor.getSnapshot().status !== 'active';
  }

  #is(state: FleetStateName): boolean {
    return this.actor.getSnapshot().value === state;
  }

  /** A stopped actor drops every event without a word, so nobody may wait for one. */
  #require(): void {
    if (this.#isGivenUp) throw wasGivenUp();
  }

  #settles(act: () => void, verdict: Verdict<FleetEmitted>): Promise<void> {
    return settledBy<FleetEmitted>(this.actor, act, verdict, wasGivenUp);
  }
}

/**
 * Makes a fleet from a configuration. Nothing is started until `start()`.
 *
 * ```ts
 * await using fleet = createFleet({
 *   sidecars: {
 *     db: { http: { port: 0 }, process: { command: './db' } },
 *     api: { http: { port: 0 }, process: { command: './api' }, dependsOn: { db: 'healthy' }, instances: 4 },
 *   },
 * });
 * await fleet.start();
 * const answer = await fleet.client('api').fetch('/');
 * ```
 */
export function createFleet<Name extends string>(
  config: FleetConfig<Name>,
  options: SidecarOptions = {},
): Fleet<Name> {
  return new Fleet(config, options);
}

function keysOf<Name extends string>(config: FleetConfig<Name>): readonly Name[] {
  const keys: Name[] = [];
  for (const name in config.sidecars) keys.push(name);
  return keys;
}

function wasGivenUp(): SidecarError {
  return new SidecarError('The fleet was given up: its actor was stopped.');
}
