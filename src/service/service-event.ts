import type { FleetEmitted, ResourceSample, SidecarEmitted } from '../index.js';

/** What happens in a service: the events of its sidecars, what they use, and the events of the fleet. */
export type ServiceEvent =
  | (SidecarEmitted & OfSidecar)
  | (ResourceSample & OfSidecar & { readonly type: 'sample' })
  | { readonly type: 'fleet'; readonly sidecar: null; readonly time: number; readonly event: FleetEmitted }
  /** So many events were not sent to this subscriber, which did not read them in time. */
  | { readonly type: 'dropped'; readonly sidecar: null; readonly time: number; readonly count: number };

interface OfSidecar {
  /** Its name. */
  readonly sidecar: string;
  /** Unix time in milliseconds. */
  readonly time: number;
}
