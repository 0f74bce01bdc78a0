import { fromCallback, setup } from 'xstate';
import type {
  FleetContext,
  FleetEmitted,
  FleetEvent,
  FleetInput,
  MemberPhase,
  SidecarsCommand,
} from './fleet.types.js';
import { isComing } from './fleet-change.js';
import {
  exceedsIntensity,
  isTemporary,
  mayRestart,
  memberOf,
  phaseOf,
  restartedWith,
  stateOfMember,
} from './fleet-members.js';
import { isBeingReplaced } from './fleet-steps.js';

/** What the chart takes from the world outside. */
export interface FleetChartSources {
  /** Unix time in milliseconds, from a clock that never jumps. */
  readonly now: () => number;
  /** A number in [0, 1), for the jitter. */
  readonly random: () => number;
}

/** The chart's types, its actor and its guards (questions). Its actions are in `fleet.actions.ts`. */
export function setupFleet({ now }: Pick<FleetChartSources, 'now'>) {
  return setup({
    types: {
      context: {} as FleetContext,
      events: {} as FleetEvent,
      emitted: {} as FleetEmitted,
      input: {} as FleetInput,
      children: {} as { sidecars: 'sidecars' },
    },
    actors: {
      sidecars: fromCallback<SidecarsCommand>(() => {
        throw new Error(
          'The "sidecars" actor is not provided: use createFleet, or .provide({ actors }) one.',
        );
      }),
    },
    guards: {
      /** Nobody is on the way up, and nobody is being ended. */
      isEmpty: ({ context }) => everyPhase(context, (phase) => phase === 'down'),
      isNotEmpty: ({ context }) => !everyPhase(context, (phase) => phase === 'down'),
      isSettled: ({ context }) => everyPhase(context, isSettled),
      mustStartAgain: ({ context }) => context.startAgain,
      /** One thing at a time: instances that are replaced can't be taken away, and the other way round. */
      mayRoll: ({ context }) => context.rollout === null && context.change === null,
      mayChange: ({ context }) => context.rollout === null && context.change === null,
      /** It is new, or was replaced, and does not come up: the others are none the worse for it. */
      failsChange: ({ context, event }) =>
        'name' in event && isFailure(context, event) && isComing(context, event.name),
      /** It was to be ended anyway, or its process is replaced on purpose. */
      isNoLoss: ({ context, event }) => 'name' in event && !isWatched(phaseOf(context, event.name)),
      exceedsIntensity: ({ context }) => exceedsIntensity(context, now()),
      /** The restart takes along what is being replaced. */
      interruptsRollout: ({ context, event }) =>
        'name' in event &&
        restartedWith(context, event.name).some(({ sidecar }) => sidecar === context.rollout?.sidecar),
      isOneForOne: ({ context }) => context.config.strategy === 'one-for-one',
      hasNoBudget: ({ context, event }) =>
        'name' in event &&
        !mayRestart(stateOfMember(context.members, event.name), memberOf(context, event.name), now()),
      /** It can't be kept running, though it should be. */
      isFailure: ({ context, event }) => isFailure(context, event),
      failsRollout: ({ context, event }) =>
        event.type === 'member.stopped' &&
        isBeingReplaced(phaseOf(context, event.name)) &&
        !isMeant(event.reason),
      isStalled: ({ context }) => context.rollout?.isStalled === true,
      isDraining: ({ context, event }) => hasPhase(context, event, 'draining'),
      isSettling: ({ context, event }) => hasPhase(context, event, 'settling'),
      isReplacing: ({ context, event }) => hasPhase(context, event, 'replacing'),
    },
  });
}

function everyPhase({ config, members }: FleetContext, holds: (phase: MemberPhase) => boolean): boolean {
  return config.members.every(({ name }) => holds(stateOfMember(members, name).phase));
}

function hasPhase(context: FleetContext, event: FleetEvent, phase: MemberPhase): boolean {
  return 'name' in event && phaseOf(context, event.name) === phase;
}

function isSettled(phase: MemberPhase): boolean {
  return phase === 'up' || phase === 'down' || isBeingReplaced(phase);
}

/** Whether it matters what becomes of it: it should be up, or come up. */
function isWatched(phase: MemberPhase): boolean {
  return phase === 'starting' || phase === 'started' || phase === 'up' || phase === 'draining';
}

function isFailure(context: FleetContext, event: FleetEvent): boolean {
  if (event.type !== 'member.stopped' || isMeant(event.reason)) return false;
  const phase = phaseOf(context, event.name);
  if (!isWatched(phase)) return false;
  // A temporary one may end, once it was up.
  return !isTemporary(memberOf(context, event.name)) || phase === 'starting' || phase === 'started';
}

/** Somebody stopped it, or it went to sleep until it is needed. */
function isMeant(reason: string): boolean {
  return reason === 'requested' || reason === 'idle' || reason === 'lazy';
}
