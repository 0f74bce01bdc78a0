import type { ResolvedSidecarConfig, SidecarConfig } from '../src/config/schema.js';
import type { Endpoint, HealthNotice, LoadedLibrary } from './sidecar.types.js';

/** What the chart tells the process actor. */
export type ProcessCommand =
  | { readonly type: 'process.spawn'; readonly generation: number }
  | { readonly type: 'process.terminate' }
  | { readonly type: 'process.kill' }
  /** Other programs may run the sidecar from now on, or once no process of it is left. */
  | { readonly type: 'process.release' };

/** How eagerly health is checked. */
export type HealthPace = 'startup' | 'steady' | 'degraded';

/** What the chart tells the health actor. */
export type HealthCommand =
  | { readonly type: 'health.pace'; readonly pace: HealthPace }
  | { readonly type: 'health.check' }
  /** Something happened that a server may do when it listens. */
  | { readonly type: 'health.hint' }
  | { readonly type: 'health.endpoint'; readonly endpoint: Endpoint }
  | { readonly type: 'health.notice'; readonly notice: HealthNotice };

export interface CompileInput {
  readonly config: ResolvedSidecarConfig;
  readonly compilation: number;
}

export interface ProcessInput {
  readonly config: ResolvedSidecarConfig;
}

/** Health and resource actors live as long as one incarnation. */
export interface IncarnationInput {
  readonly config: ResolvedSidecarConfig;
  readonly generation: number;
  readonly pid: number;
  readonly endpoint: Endpoint | null;
  readonly library: LoadedLibrary | null;
}

/** What the machine is started with; without any it runs the seed's defaults (the Forst preset). */
export type SidecarInput = SidecarConfig | undefined;
