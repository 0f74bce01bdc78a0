import {
  type ConfigChanges,
  compareSidecars,
  createSidecar,
  Fleet,
  type FleetConfig,
  type FleetEmitted,
  type FleetStatus,
  type ResolvedSidecarConfig,
  type RolloutOptions,
  Sidecar,
  SidecarError,
  type SidecarStatus,
} from '../index.js';
import { onSample } from './on-sample.js';
import type { Happening, ServiceSample } from './service-event.js';

/** One process of a service. */
export interface ServiceMember {
  /** As in messages: `api`, or `api-2` where there are several. */
  readonly name: string;
  /** The key in the configuration of a fleet; of a single sidecar its name. */
  readonly key: string;
  readonly sidecar: Sidecar;
}

/** What a service is doing at one moment. */
export interface ServiceStatus {
  /** Of the service itself. */
  readonly pid: number;
  /** The configuration file; null when there is none. */
  readonly config: string | null;
  /** Unix time in milliseconds. */
  readonly startedAt: number;
  readonly isStopping: boolean;
  /** Null for a single sidecar. */
  readonly fleet: Omit<FleetStatus, 'members'> | null;
  readonly sidecars: readonly ServiceSidecar[];
}

/** One of its processes. */
export type ServiceSidecar = SidecarStatus & {
  readonly key: string;
  /** Of memory in MiB, of processor time in percent of a core; null for none. */
  readonly limits: { readonly memoryMB: number | null; readonly cpuPercent: number | null };
};

/** What a configuration file holds, validated. */
export type ServiceConfig =
  | { readonly kind: 'sidecar'; readonly config: ResolvedSidecarConfig }
  | { readonly kind: 'fleet'; readonly config: FleetConfig };

export interface ServiceOptions {
  /** The path of the configuration file, for those who ask. */
  readonly config?: string;
  /** Reads it again, for `apply()`. What it throws is told. */
  readonly readConfig?: () => Promise<ServiceConfig>;
}

type Surrounding = (apply: () => Promise<ConfigChanges>) => Promise<ConfigChanges>;

/** How it ended: told to, or against its will. */
export type ServiceEnd = 'as-asked' | 'failed';

/**
 * One sidecar, or a fleet, that runs until it is told to stop or can't go on. A sidecar of it that is stopped by itself
 * may be started again; the service stays for that.
 */
export class Service {
  /** The path of the configuration file, for those who ask. */
  readonly config: string | null;
  readonly #readConfig: (() => Promise<ServiceConfig>) | null;
  readonly #startedAt = Date.now();
  readonly #ended: Promise<ServiceEnd>;
  /** Each lets its listener follow the members of the moment. */
  readonly #attachments = new Set<() => void>();
  readonly #listeners = new Set<(event: Happening) => void>();
  #endHearing: (() => void) | null = null;
  #supervised: Sidecar | Fleet;
  #members: readonly ServiceMember[];
  #isStopping = false;
  #stopping: Promise<void> | null = null;
  #isApplying = false;
  #surround: Surrounding = (apply) => apply();
  #end: (end: ServiceEnd) => void = () => {};

  constructor(supervised: Sidecar | Fleet, { config, readConfig }: ServiceOptions = {}) {
    this.#supervised = supervised;
    this.config = config ?? null;
    this.#readConfig = readConfig ?? null;
    this.#members = membersOf(supervised);
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    if (supervised instanceof Fleet) supervised.on('adopted', () => this.#followMembers());
  }

  /** Its processes of the moment. */
  get members(): readonly ServiceMember[] {
    return this.#members;
  }

  /** Starts it; resolves once it has ended. */
  async run(): Promise<ServiceEnd> {
    this.#watch();
    await this.#supervised.start().catch(() => {
      // Why it did not come up is told by the event `stopped`.
    });
    return this.#ended;
  }

  /**
   * Ends it: stops all in order.
   *
   * @throws {SidecarUnkillableError} when a process is still there after SIGKILL
   */
  stop(): Promise<void> {
    // Before its first event.
    this.#isStopping = true;
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  /** Null for a single sidecar. */
  get fleet(): Fleet | null {
    return this.#supervised instanceof Sidecar ? null : this.#supervised;
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  status(): ServiceStatus {
    const { pid } = process;
    const about = { pid, config: this.config, startedAt: this.#startedAt, isStopping: this.isStopping };
    const sidecars = this.members.map(({ key, sidecar }) => ({
      key,
      ...sidecar.status(),
      limits: limitsOf(sidecar),
    }));
    if (this.#supervised instanceof Sidecar) return { ...about, fleet: null, sidecars };
    const { members: _, ...fleet } = this.#supervised.status();
    return { ...about, fleet, sidecars };
  }

  /**
   * Reads the configuration file again, and changes to what it says: what differs is replaced, what is new started, what is
   * gone stopped, and the rest is left alone.
   *
   * @param options.dryRun only says what would be changed
   * @returns what was changed, once all that is new or replaced is running
   * @throws {SidecarError} when it can't be done now, or something does not come up; whatever the file is wrong with is
   *   thrown as its reader has it. The service runs on.
   */
  async apply({ dryRun = false }: { readonly dryRun?: boolean } = {}): Promise<ConfigChanges> {
    if (this.#readConfig === null) throw new SidecarError('This service has no configuration file.');
    if (this.isStopping) throw new SidecarError('The service is being stopped.');
    if (this.#isApplying) throw new SidecarError('Another configuration is being applied: wait for that.');
    this.#isApplying = true;
    try {
      const next = await this.#readConfig();
      const change = () => this.#change(next, dryRun);
      return await (dryRun ? change() : this.#surround(change));
    } finally {
      this.#isApplying = false;
    }
  }

  /**
   * Replaces all instances of a sidecar of the fleet, while others of it serve.
   *
   * @param key in the configuration
   * @throws {SidecarError} when it can't be done now, or there is no fleet; and as `Fleet.rollingRestart`
   */
  async rollingRestart(key: string, options: RolloutOptions): Promise<void> {
    if (this.fleet === null) {
      throw new SidecarError('There is no fleet: a single sidecar has no others that would serve meanwhile.');
    }
    await this.fleet.rollingRestart(key, options);
  }

  /** For one who has to know when another configuration is taken over, from before it is until it was, or could not be. */
  surroundApply(surround: Surrounding): void {
    this.#surround = surround;
  }

  /**
   * Listens to what happens to the fleet as a whole; nothing does when there is none.
   *
   * @returns the function that ends it
   */
  listenToFleet(listener: (event: FleetEmitted) => void): () => void {
    return this.fleet?.on('*', listener) ?? (() => {});
  }

  /**
   * Listens to all that happens in it, also to members that come later.
   *
   * @returns the function that ends it
   */
  listen(listener: (event: Happening) => void): () => void {
    this.#listeners.add(listener);
    this.#endHearing ??= this.#hear();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#endHearing?.();
      this.#endHearing = null;
    };
  }

  /**
   * Listens to what its members use, also to those that come later.
   *
   * @returns the function that ends it
   */
  listenToSamples(listener: (sample: ServiceSample) => void): () => void {
    return this.#attend(({ name, sidecar }) =>
      onSample(sidecar, (sample) => listener({ type: 'sample', sidecar: name, time: Date.now(), ...sample })),
    );
  }

  /** Once for all who listen. */
  #hear(): () => void {
    const tell = (event: Happening) => {
      for (const listener of this.#listeners) listener(event);
    };
    const endMembers = this.#attend(({ name, sidecar }) =>
      sidecar.on('*', (event) => tell({ sidecar: name, time: Date.now(), ...event })),
    );
    const endFleet = this.listenToFleet((event) =>
      tell({ type: 'fleet', sidecar: null, time: Date.now(), event }),
    );
    return () => {
      endMembers();
      endFleet();
    };
  }

  /** Does something with each member, at once or when it comes, and undoes it when it is gone, or all is ended. */
  #attend(begin: (member: ServiceMember) => () => void): () => void {
    const endings = new Map<Sidecar, () => void>();
    const attach = () => {
      const present = new Set(this.#members.map(({ sidecar }) => sidecar));
      for (const [sidecar, end] of endings) {
        if (present.has(sidecar)) continue;
        end();
        endings.delete(sidecar);
      }
      for (const member of this.#members) {
        if (!endings.has(member.sidecar)) endings.set(member.sidecar, begin(member));
      }
    };
    attach();
    this.#attachments.add(attach);
    return () => {
      this.#attachments.delete(attach);
      for (const end of endings.values()) end();
    };
  }

  async #change(next: ServiceConfig, dryRun: boolean): Promise<ConfigChanges> {
    const supervised = this.#supervised;
    if (supervised instanceof Fleet) {
      if (next.kind !== 'fleet') throw otherKind('one sidecar', 'a fleet');
      return dryRun ? supervised.compare(next.config) : supervised.apply(next.config);
    }
    if (next.kind !== 'sidecar') throw otherKind('a fleet', 'one sidecar');
    const changes = compareSidecars(supervised.config, next.config);
    const isSame = changes.sidecars.every(({ effect }) => effect === 'none');
    if (!dryRun && !isSame) await this.#replace(supervised, next.config);
    return changes;
  }

  async #replace(before: Sidecar, config: ResolvedSidecarConfig): Promise<void> {
    const inspect = await inspectAsBefore(before);
    await before[Symbol.asyncDispose]();
    if (this.isStopping) throw new SidecarError('The service was stopped meanwhile.');
    const sidecar = createSidecar({ ...config, inspect });
    this.#supervised = sidecar;
    this.#followMembers();
    this.#watch();
    await sidecar.start();
  }

  #followMembers(): void {
    this.#members = membersOf(this.#supervised);
    for (const attach of this.#attachments) attach();
  }

  async #stopAll(): Promise<void> {
    // What is started now would be stopped at once, or be left behind.
    this.#supervised.inspector().then(
      (inspector) => inspector?.lock('the service is being stopped'),
      () => {
        // It could not be opened, which was told; or it is given up.
      },
    );
    await this.#supervised.stop();
    this.#end('as-asked');
  }

  #watch(): void {
    if (this.#supervised instanceof Sidecar) {
      const { watch } = this.#supervised.config;
      this.#supervised.on('stopped', ({ reason }) => {
        // A lazy one, or an idle one, waits for its next request; one that was stopped, for its next start.
        if (reason === 'lazy' || reason === 'idle' || reason === 'requested') return;
        // What is being developed waits for the next save.
        if (watch === undefined || reason === 'unkillable' || reason === 'taken') this.#fail();
      });
    } else {
      this.#supervised.on('stopped', ({ reason }) => {
        if (reason.type === 'requested') return;
        if (reason.type === 'emptied' && this.#areAllToldTo()) return;
        this.#fail();
      });
    }
  }

  #fail(): void {
    // What does not come up as a new file has it, is mended there and applied again.
    if (this.#isApplying && !this.isStopping) return;
    this.#end(this.isStopping ? 'as-asked' : 'failed');
  }

  #areAllToldTo(): boolean {
    return this.members.every(({ sidecar }) => sidecar.status().reason === 'requested');
  }
}

function membersOf(supervised: Sidecar | Fleet): readonly ServiceMember[] {
  if (supervised instanceof Sidecar) {
    const { name } = supervised.config;
    return [{ name, key: name, sidecar: supervised }];
  }
  return [...supervised.sidecars].flatMap(([key, sidecars]) =>
    sidecars.map((sidecar) => ({ name: sidecar.config.name, key, sidecar })),
  );
}

function limitsOf({ config: { resources } }: Sidecar): ServiceSidecar['limits'] {
  return { memoryMB: resources.maxMemoryMB, cpuPercent: resources.maxCPUPercent };
}

function otherKind(now: string, before: string): SidecarError {
  return new SidecarError(
    `The file configures ${now} now, and ${before} before: that takes a new start of the service.`,
  );
}

/** At the same address, so that a page that is open finds the service again. */
async function inspectAsBefore(before: Sidecar): Promise<ResolvedSidecarConfig['inspect']> {
  const { inspect } = before.config;
  // One that could not be opened was told of.
  const inspector = await before.inspector().catch(() => null);
  if (inspector === null) return inspect;
  const { hostname, port, hash } = new URL(inspector.url);
  const settings = typeof inspect === 'object' ? inspect : { readOnly: false, development: false };
  const host = hostname.replace(/^\[|\]$/g, '');
  return { ...settings, host, port: Number(port), token: hash.replace('#token=', '') };
}
