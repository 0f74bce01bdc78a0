import { type Fleet, type FleetStatus, type ResourceSample, Sidecar, type SidecarStatus } from '../index.js';
import type { ServiceEvent } from './service-event.js';

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
  readonly sidecars: readonly (SidecarStatus & { readonly key: string })[];
}

/** How it ended: told to, or against its will. */
export type ServiceEnd = 'as-asked' | 'failed';

/**
 * One sidecar, or a fleet, that runs until it is told to stop or can't go on. A sidecar of it that is stopped by itself
 * may be started again; the service stays for that.
 */
export class Service {
  readonly members: readonly ServiceMember[];
  /** The path of the configuration file, for those who ask. */
  readonly config: string | null;
  readonly #supervised: Sidecar | Fleet;
  readonly #startedAt = Date.now();
  #stopping: Promise<void> | null = null;
  readonly #ended: Promise<ServiceEnd>;
  #end: (end: ServiceEnd) => void = () => {};

  constructor(supervised: Sidecar | Fleet, config: string | null = null) {
    this.#supervised = supervised;
    this.config = config;
    this.members = membersOf(supervised);
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
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
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  get isStopping(): boolean {
    return this.#stopping !== null;
  }

  status(): ServiceStatus {
    const { pid } = process;
    const about = { pid, config: this.config, startedAt: this.#startedAt, isStopping: this.isStopping };
    const sidecars = this.members.map(({ key, sidecar }) => ({ key, ...sidecar.status() }));
    if (this.#supervised instanceof Sidecar) return { ...about, fleet: null, sidecars };
    const { members: _, ...fleet } = this.#supervised.status();
    return { ...about, fleet, sidecars };
  }

  /**
   * Listens to all that happens in it.
   *
   * @returns the function that ends it
   */
  listen(listener: (event: ServiceEvent) => void): () => void {
    const endings = this.members.flatMap(({ name, sidecar }) => [
      sidecar.on('*', (event) => listener({ sidecar: name, time: Date.now(), ...event })),
      onSample(sidecar, (sample) => listener({ type: 'sample', sidecar: name, time: Date.now(), ...sample })),
    ]);
    if (!(this.#supervised instanceof Sidecar)) {
      endings.push(
        this.#supervised.on('*', (event) =>
          listener({ type: 'fleet', sidecar: null, time: Date.now(), event }),
        ),
      );
    }
    return () => {
      for (const end of endings) end();
    };
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
      this.#supervised.on('stopped', ({ reason }) => {
        // A lazy one, or an idle one, waits for its next request; one that was stopped, for its next start.
        if (reason !== 'lazy' && reason !== 'idle' && reason !== 'requested') this.#fail();
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

/** No event tells what it uses; the snapshot does. */
function onSample({ actor }: Sidecar, listener: (sample: ResourceSample) => void): () => void {
  let known: ResourceSample | null = actor.getSnapshot().context.resources.last;
  const subscription = actor.subscribe(({ context }) => {
    const { last } = context.resources;
    if (last === known) return;
    known = last;
    if (last !== null) listener(last);
  });
  return () => subscription.unsubscribe();
}
