import type { SnapshotFrom } from 'xstate';
import type { FleetStateName, FleetStopReason, MemberPhase, Rollout } from '../machines/fleet.types.js';
import { phaseOf, recentRestarts } from '../machines/fleet-members.js';
import type { FleetMachine } from './fleet-machine.js';
import { now } from './os/clock.js';
import type { Sidecar } from './sidecar.js';
import type { SidecarStatus } from './sidecar-status.js';

/** What a fleet is doing at one moment. */
export interface FleetStatus {
  readonly state: FleetStateName;
  /** Why it is stopped or being stopped; null in every other state, and when it was never started. */
  readonly reason: FleetStopReason | null;
  /** Automatic restarts that count against `intensity`. `window` is in milliseconds. */
  readonly restarts: { readonly used: number; readonly max: number; readonly window: number };
  /** The rolling restart under way. */
  readonly rollout: Rollout | null;
  /** Each process, in the order in which they start. */
  readonly members: readonly MemberStatus[];
}

/** One process of a fleet. */
export interface MemberStatus {
  /** As in messages: `api`, or `api-2` where there are several. */
  readonly name: string;
  /** The key in the configuration. */
  readonly sidecar: string;
  /** What the fleet has to do with it. */
  readonly phase: MemberPhase;
  readonly status: SidecarStatus;
}

export function fleetStatusOf(
  { value, context }: SnapshotFrom<FleetMachine>,
  sidecars: ReadonlyMap<string, Sidecar>,
): FleetStatus {
  const { config, reason, rollout } = context;
  return {
    state: value,
    reason,
    restarts: { used: recentRestarts(context, now()).length, max: config.intensity, window: config.period },
    rollout,
    members: config.members.flatMap(({ name, sidecar }) => {
      const status = sidecars.get(name)?.status();
      return status === undefined ? [] : [{ name, sidecar, phase: phaseOf(context, name), status }];
    }),
  };
}
