import type { CircuitState, Endpoint, ProcessExit } from '../../machines/sidecar.types.js';

/** Where requests can be sent. */
export type HttpEndpoint = Exclude<Endpoint, { transport: 'direct' }>;

/** The process that requests were or are sent to. */
export interface Server {
  readonly generation: number;
  readonly pid: number;
  readonly endpoint: HttpEndpoint;
}

/** What may be done with a request at this moment. */
export type Serving =
  /** Send it. */
  | { readonly type: 'open'; readonly server: Server }
  /** Keep it until the sidecar is ready. */
  | { readonly type: 'waiting' }
  /** Start the sidecar, which sleeps until it is needed, and keep it until then. */
  | { readonly type: 'dormant' }
  /** Refuse it. */
  | { readonly type: 'closed' };

/** What the client sees of a sidecar, and tells it. */
export interface ServingSource {
  /** What the sidecar is called in messages. */
  readonly name: string;
  /** What it is doing now and why, for a message: `stopped: as requested`. */
  describe(): string;
  /** A request came to a dormant sidecar. */
  wake(): void;
  /** Nothing used this incarnation for `idleTimeout`. */
  reportIdle(generation: number): void;
  reportCircuit(state: CircuitState): void;
}

/** How the process that requests were sent to is doing. */
export type ServerLife =
  | { readonly type: 'alive' }
  /** It was asked to end, and may still finish what it has begun. */
  | { readonly type: 'ending' }
  | { readonly type: 'dead'; readonly exit: ProcessExit | null };
