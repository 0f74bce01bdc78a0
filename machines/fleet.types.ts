import type { ResolvedFleetConfig } from '../src/config/resolve-fleet.js';
import type { StopReason } from './sidecar.types.js';
import type { TransitionCause } from './transition-record.js';

/** The states of a fleet as users name them. */
export type FleetStateName = 'starting' | 'running' | 'restarting' | 'stopping' | 'stopped';

/** What the fleet has to do with one of its processes now. */
export type MemberPhase =
  /** Not started by the fleet, ended for good, or stopped by somebody else: nothing is done about it. */
  | 'down'
  /** To be started, as soon as what it depends on is there. */
  | 'waiting'
  /** Told to start, or restarting by itself. */
  | 'starting'
  /** Its process was spawned. */
  | 'started'
  /** It is healthy, or has been and was not restarted since. */
  | 'up'
  /** In its turn of a rollout: it gets no further requests, and finishes those that it has. */
  | 'draining'
  /** Told to replace its process. */
  | 'replacing'
  /** The new process is healthy, and not yet ready. */
  | 'settling'
  /** To be stopped, as soon as what depends on it is down. */
  | 'ending'
  /** Told to stop. */
  | 'stopping';

export interface MemberState {
  readonly phase: MemberPhase;
  /** What follows once it is stopped. */
  readonly afterwards: 'stay-down' | 'start';
  /** Requests to it are sent at once. */
  readonly isServing: boolean;
  /** It failed, and is not started again before its delay is over. */
  readonly isBackingOff: boolean;
  /** As in a sidecar: when the fleet's restarts of it were due, and how many there were in a row. */
  readonly restarts: readonly number[];
  readonly consecutiveRestarts: number;
  /** Null while it is not. */
  readonly healthySince: number | null;
}

/** Why a fleet is stopped. */
export type FleetStopReason =
  /** A person or the host asked for it. */
  | { readonly type: 'requested' }
  /** Each sidecar ended for good, or was stopped by itself. */
  | { readonly type: 'emptied' }
  /** There were more restarts than `intensity` within `period`; `name` was the last. */
  | {
      readonly type: 'intensity-exceeded';
      readonly name: string;
      readonly cause: TransitionCause;
      readonly intensity: number;
      readonly period: number;
    }
  /** One can't be kept running. */
  | {
      readonly type: 'sidecar-failed';
      readonly name: string;
      readonly reason: StopReason;
      readonly cause: TransitionCause | null;
    };

/** A replacement of all instances of one sidecar, one after the other. */
export interface Rollout {
  readonly sidecar: string;
  /** At least so many of them serve at any time. */
  readonly keepServing: number;
  readonly how: 'restart' | 'reload';
  /** How long one may take to finish its requests, in milliseconds. */
  readonly drainTimeout: number;
  /** Those whose turn has yet to come. */
  readonly queue: readonly string[];
  /** Too few others serve to go on. */
  readonly isStalled: boolean;
}

/** A new configuration on its way to take the place of the old one. */
export interface Change {
  readonly config: ResolvedFleetConfig;
  /** Ended, and started again as the new configuration has them. */
  readonly replaced: readonly string[];
  /** Ended and started again with them, as they are. */
  readonly restarted: readonly string[];
  /** Those that are new, replaced or restarted: the change is done once each is up, or has failed. */
  readonly awaited: readonly string[];
  /** Whether all of them should be up afterwards: not in a fleet that is stopped. */
  readonly isWanted: boolean;
  /** The new configuration is that of the fleet: all that had to be ended first is. */
  readonly isAdopted: boolean;
  /** Those that did not come up. */
  readonly failures: readonly ChangeFailure[];
}

/** One that did not come up as a new configuration has it. The others are left alone. */
export interface ChangeFailure {
  readonly name: string;
  readonly reason: StopReason;
  readonly cause: TransitionCause | null;
}

export interface FleetContext {
  readonly config: ResolvedFleetConfig;
  readonly change: Change | null;
  readonly members: Readonly<Record<string, MemberState>>;
  /** When there were automatic restarts, within `period`. */
  readonly restarts: readonly number[];
  readonly rollout: Rollout | null;
  /** A START that came while stopping. */
  readonly startAgain: boolean;
  /** Why it is stopped, or being stopped; null in every other state, and before the first start. */
  readonly reason: FleetStopReason | null;
}

export type FleetCommand =
  | { readonly type: 'START' }
  | { readonly type: 'STOP' }
  | ({ readonly type: 'ROLL' } & Omit<Rollout, 'queue' | 'isStalled'>)
  | ({ readonly type: 'CHANGE' } & Pick<Change, 'config' | 'replaced' | 'restarted'>);

/** What is reported of one process of the fleet. */
export type MemberReport =
  | { readonly type: 'member.spawned'; readonly name: string }
  | { readonly type: 'member.healthy'; readonly name: string }
  | { readonly type: 'member.serving'; readonly name: string; readonly isServing: boolean }
  /** Its process has to be replaced, or is gone, and it restarts by itself after a delay. */
  | { readonly type: 'member.lost'; readonly name: string; readonly cause: TransitionCause }
  | {
      readonly type: 'member.stopped';
      readonly name: string;
      readonly reason: StopReason;
      readonly cause: TransitionCause | null;
    }
  /** No request to it is under way any more. */
  | { readonly type: 'member.drained'; readonly name: string }
  /** Its process was not replaced: the old one serves on. */
  | { readonly type: 'member.kept'; readonly name: string; readonly why: string };

export type FleetEvent =
  | FleetCommand
  | MemberReport
  /** The delay before its restart is over. */
  | { readonly type: 'member.due'; readonly name: string }
  /** It did not finish its requests, or was not ready, in time. */
  | { readonly type: 'member.overdue'; readonly name: string }
  /** A rollout has waited long enough for others to serve. */
  | { readonly type: 'rollout.overdue' };

/** What listeners outside receive. */
export type FleetEmitted =
  | { readonly type: 'state'; readonly state: FleetStateName }
  /** One had to be restarted; `restarted` are all that are for it, in the order in which they start. */
  | {
      readonly type: 'restart';
      readonly name: string;
      readonly cause: TransitionCause;
      readonly restarted: readonly string[];
    }
  /** A new process of a rollout serves. */
  | { readonly type: 'rolled'; readonly name: string }
  | { readonly type: 'rollout-done'; readonly sidecar: string }
  | {
      readonly type: 'rollout-failed';
      readonly sidecar: string;
      /** The one that it failed with; null when it was broken off. */
      readonly name: string | null;
      readonly why: string;
    }
  /** The sidecars are those of the new configuration from here on; none of the new ones is started yet. */
  | { readonly type: 'adopted'; readonly replaced: readonly string[] }
  /** Each new or replaced one is up, or has failed. */
  | { readonly type: 'changed'; readonly failures: readonly ChangeFailure[] }
  | { readonly type: 'stopped'; readonly reason: FleetStopReason };

/** What the chart tells the actor that has the sidecars. */
export type MemberCommand =
  | { readonly type: 'member.start'; readonly name: string }
  | { readonly type: 'member.stop'; readonly name: string }
  | { readonly type: 'member.drain'; readonly name: string }
  | { readonly type: 'member.replace'; readonly name: string; readonly how: Rollout['how'] };

/** What it is told altogether. */
export type SidecarsCommand =
  | MemberCommand
  /** The next commands are about the sidecars of the new configuration; the old ones are stopped. */
  | { readonly type: 'members.adopt' };

export interface FleetInput {
  readonly config: ResolvedFleetConfig;
}
