import type { SidecarStateName, StopReason } from './sidecar.types.js';

/* What several states of the chart have in common. */

/** Every state's first entry actions: write down that it was entered, and tell. */
export const entered = <To extends SidecarStateName>(to: To) =>
  [{ type: 'record', params: { to } }, 'announceTransition'] as const;

export const because = <Reason extends StopReason>(reason: Reason) =>
  ({ type: 'giveReason', params: { reason } }) as const;

/** What is wrong becomes graver, or less so: from now on it has the whole of `degradedTimeout`, or needs none. */
export const anew = { target: 'degraded', reenter: true } as const;

/** The process ends though nobody asked: with others of its group left, those are ended first. */
export const diesUnexpectedly = {
  'process.exited': [
    {
      guard: 'leavesSurvivors',
      target: '#sidecar.restarting.terminating',
      actions: ['noteExit', 'noteTrouble', 'announceDeath'],
    },
    {
      guard: 'isCurrent',
      target: '#sidecar.restarting.deciding',
      actions: ['noteExit', 'noteTrouble', 'announceDeath', 'forgetProcess'],
    },
  ],
} as const;

/** What changes nothing, whatever the state: an orphan that was ended, and what does not work beside the process. */
export const onlyTold = {
  'orphan.ended': { actions: 'announceOrphan' },
  'process.unprotected': { guard: 'isCurrent', actions: 'warn' },
  'resources.unavailable': { guard: 'isCurrent', actions: 'warnNoResources' },
  'log.failed': { actions: 'warn' },
  'watch.failed': { actions: 'warn' },
  'state.failed': { actions: 'warn' },
} as const;

export const taken = ['noteTrouble', because('taken')] as const;

/** Another program runs it now: what there is of it here must go, and must not come back. */
export const isTakenOver = {
  'process.taken': { target: '#sidecar.stopping', actions: taken },
} as const;

/** A process is being ended; the way on is free once nothing of its group is left. */
export const endsTheGroup = <Target extends string>(target: Target) =>
  ({
    // It was being started when its end was decided.
    'process.spawned': { guard: 'isBeingEnded', actions: 'adoptProcess' },
    'process.failed': { guard: 'isEnded', target, actions: 'forgetProcess' },
    'process.exited': [
      { guard: 'isEnded', target, actions: ['noteExit', 'forgetProcess'] },
      { guard: 'isCurrent', actions: 'noteExit' },
    ],
    'process.emptied': { guard: 'isEnded', target, actions: 'forgetProcess' },
  }) as const;
