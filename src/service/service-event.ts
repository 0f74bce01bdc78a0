import type { FleetEmitted, ResourceSample, SidecarEmitted } from '../index.js';

/** What a subscriber to a service hears: what happens in it, and what its sidecars use. */
export type ServiceEvent =
  | Happening
  | ServiceSample
  /** So many events were not sent to this subscriber, which did not read them in time. */
  | { readonly type: 'dropped'; readonly sidecar: null; readonly time: number; readonly count: number };

/** What happens in a service: the events of its sidecars, and those of the fleet. */
export type Happening =
  | (SidecarEmitted & OfSidecar)
  | { readonly type: 'fleet'; readonly sidecar: null; readonly time: number; readonly event: FleetEmitted };

/** What one of its sidecars uses. */
export type ServiceSample = ResourceSample & OfSidecar & { readonly type: 'sample' };

interface OfSidecar {
  /** Its name. */
  readonly sidecar: string;
  /** Unix time in milliseconds. */
  readonly time: number;
}
