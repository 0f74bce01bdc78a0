import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import type {
  ConfigChanges,
  DelayName,
  RolloutOptions,
  SidecarCommand,
  SidecarHealth,
  SidecarStatus,
  TransitionRecord,
  WhatIf,
} from '../index.js';
import type { FleetHistoryEntry } from '../service/fleet-history.js';
import { type ServicePlace, servicePlace } from '../service/place.js';
import type { RecentLine } from '../service/recent-lines.js';
import type { ServiceStatus } from '../service/service.js';
import type { ServiceEvent } from '../service/service-event.js';
import { ControlError } from './control-error.js';
import { EventStream } from './event-stream.js';
import { exchange, type Question, readText, type Target } from './exchange.js';

/** Which service: that of a configuration file of this user, or one that listens elsewhere. */
export type ControlOptions =
  /** The path of the file that `sidecar run` runs. */
  | { readonly config: string }
  /** Of `sidecar run --listen`, and the token that it wrote down. */
  | { readonly host: string; readonly port: number; readonly token: string };

export interface RequestOptions {
  /** Gives up: the promise rejects with its reason. What was asked for may be done nevertheless. */
  readonly signal?: AbortSignal;
}

export interface EventsOptions extends RequestOptions {
  /** Only those of these; default all. */
  readonly sidecars?: readonly string[];
  /** Only these; default all. */
  readonly types?: readonly ServiceEvent['type'][];
}

export interface RollingOptions extends RequestOptions, Pick<RolloutOptions, 'keepServing' | 'how'> {}

/** A transition, with its cause in words. */
export type HistoryEntry = TransitionRecord & { readonly explanation: string };

export type SendableCommand = SidecarCommand['type'];

/** What may be asked: a command, a request or a check that comes, or that a timer of the chart runs out. */
export type WhatIfQuestion =
  | { readonly type: SendableCommand | 'health.requested' | 'client.requested' }
  | { readonly type: 'after'; readonly delay: DelayName };

/** How long an answer may take that needs nothing to be done, in milliseconds. */
const PATIENCE = 10_000;

/**
 * A running service. Every method may be called at any time; none keeps a connection, but for `events()`.
 *
 * Each throws `ServiceNotRunningError` when nobody listens, and `ControlError` with the service's own words otherwise.
 */
export class ServiceControl {
  readonly #options: ControlOptions;

  constructor(options: ControlOptions) {
    this.#options = options;
  }

  /** What the service and each of its sidecars is doing. */
  status(options?: RequestOptions): Promise<ServiceStatus> {
    return this.#read('/status', options);
  }

  /** What one sidecar is doing. */
  sidecar(name: string, options?: RequestOptions): Promise<SidecarStatus> {
    return this.#read(`/sidecars/${encodeURIComponent(name)}`, options);
  }

  /** Why it is as it is, in sentences. */
  async why(name: string, options?: RequestOptions): Promise<string> {
    const { why } = await this.#read<{ why: string }>(`/sidecars/${encodeURIComponent(name)}/why`, options);
    return why;
  }

  /** How it is, check by check. */
  health(name: string, options?: RequestOptions): Promise<SidecarHealth> {
    return this.#read(`/sidecars/${encodeURIComponent(name)}/health`, options);
  }

  /** Its last transitions (up to 100), oldest first. */
  async history(name: string, options?: RequestOptions): Promise<readonly HistoryEntry[]> {
    const path = `/sidecars/${encodeURIComponent(name)}/history`;
    const { transitions } = await this.#read<{ transitions: readonly HistoryEntry[] }>(path, options);
    return transitions;
  }

  /**
   * The last lines that it printed, oldest first.
   *
   * @param options.lines how many at most; 1 to 1000, 100 by default. 64 KiB are kept of each sidecar.
   */
  async logs(
    name: string,
    { lines = 100, ...options }: RequestOptions & { lines?: number } = {},
  ): Promise<readonly RecentLine[]> {
    const path = `/sidecars/${encodeURIComponent(name)}/logs?lines=${lines}`;
    return (await this.#read<{ lines: readonly RecentLine[] }>(path, options)).lines;
  }

  /** Starts it; resolves once it is running. */
  start(name: string, options?: RequestOptions): Promise<void> {
    return this.#command(`/sidecars/${encodeURIComponent(name)}/start`, options);
  }

  /** Stops it; resolves once nothing of it is left. The service stays, so that it can be started again. */
  stop(name: string, options?: RequestOptions): Promise<void> {
    return this.#command(`/sidecars/${encodeURIComponent(name)}/stop`, options);
  }

  /** Replaces its process; resolves once the new one is running. */
  restart(name: string, options?: RequestOptions): Promise<void> {
    return this.#command(`/sidecars/${encodeURIComponent(name)}/restart`, options);
  }

  /** Compiles, and replaces its process if that worked; resolves once the new one is running. */
  reload(name: string, options?: RequestOptions): Promise<void> {
    return this.#command(`/sidecars/${encodeURIComponent(name)}/reload`, options);
  }

  /**
   * Replaces all instances of a sidecar of the fleet, while others of it serve; resolves once that is done.
   *
   * @param key in the configuration
   * @param options.keepServing so many serve at any time; by default all but one
   * @param options.how `reload` compiles first, and replaces nothing when that fails; default `restart`
   */
  async rollingRestart(key: string, { signal, ...options }: RollingOptions = {}): Promise<void> {
    const body = { sidecar: key, ...options };
    await readText(await this.#exchange({ method: 'POST', path: '/fleet/rollouts', body, signal }));
  }

  /** The last events of the fleet (up to 100), oldest first; none for a single sidecar. */
  async fleetHistory(options?: RequestOptions): Promise<readonly FleetHistoryEntry[]> {
    return (await this.#read<{ events: readonly FleetHistoryEntry[] }>('/fleet/history', options)).events;
  }

  /** What it would do on an event; nothing is done. */
  whatIf(name: string, event: WhatIfQuestion, options?: RequestOptions): Promise<WhatIf> {
    return this.#ask('POST', `/sidecars/${encodeURIComponent(name)}/what-if`, event, options);
  }

  /** Sends a command without waiting for its end; resolves with what it does on it. */
  send(name: string, type: SendableCommand, options?: RequestOptions): Promise<WhatIf> {
    return this.#ask('POST', `/sidecars/${encodeURIComponent(name)}/send`, { type }, options);
  }

  /**
   * Lets the service read its configuration file again, and change to what it says; resolves once that is done. A file that is
   * wrong changes nothing.
   *
   * @param options.dryRun only says what would be changed; default false.
   */
  async apply({
    dryRun = false,
    signal,
  }: RequestOptions & { readonly dryRun?: boolean } = {}): Promise<ConfigChanges> {
    // How long it takes is bounded by the configuration.
    const question = { method: 'POST', path: '/apply', body: { dryRun }, signal } as const;
    return parsed(await readText(await this.#exchange(question)));
  }

  /** Stops all in order, and the service ends; resolves once nothing is left. */
  stopService(options?: RequestOptions): Promise<void> {
    return this.#command('/stop', options);
  }

  /** The metrics in the text format of Prometheus; where the service runs, it takes prom-client. */
  async metrics(options?: RequestOptions): Promise<string> {
    return readText(await this.#exchange({ method: 'GET', path: '/metrics', signal: bounded(options) }));
  }

  /**
   * What happens from now on; resolves once it listens. It has to be read or closed, and ends with the service. What is not read in time
   * is dropped, and the event `dropped` tells how much.
   */
  async events({ sidecars = [], types = [], signal }: EventsOptions = {}): Promise<EventStream> {
    const query = new URLSearchParams();
    for (const name of sidecars) query.append('sidecar', name);
    for (const type of types) query.append('type', type);
    return new EventStream(await this.#exchange({ method: 'GET', path: `/events?${query}`, signal }), signal);
  }

  #read<Answer>(path: string, options: RequestOptions | undefined): Promise<Answer> {
    return this.#ask('GET', path, undefined, options);
  }

  /** How long it takes is bounded by the configuration of the sidecar. */
  async #command(path: string, { signal }: RequestOptions = {}): Promise<void> {
    await readText(await this.#exchange({ method: 'POST', path, signal }));
  }

  /** It comes from this very package; to validate it here would take zod, which takes longer than the whole request. */
  async #ask<Answer>(
    method: Question['method'],
    path: string,
    body: unknown,
    options: RequestOptions | undefined,
  ): Promise<Answer> {
    return parsed(await readText(await this.#exchange({ method, path, body, signal: bounded(options) })));
  }

  async #exchange(question: Question) {
    return exchange(await targetOf(this.#options), question);
  }
}

function parsed<Answer>(text: string): Answer {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ControlError('what answered is no service of sidecar-machine', 0, { cause: error });
  }
}

function bounded({ signal }: RequestOptions = {}): AbortSignal {
  const patience = AbortSignal.timeout(PATIENCE);
  return signal === undefined ? patience : AbortSignal.any([patience, signal]);
}

async function targetOf(options: ControlOptions): Promise<Target> {
  if (!('config' in options)) return options;
  const { address }: ServicePlace = servicePlace(await realPathOf(options.config));
  return { socketPath: address };
}

/** A service runs on when its file is gone. */
async function realPathOf(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path));
}
