import { assertEvent, assign, emit } from 'xstate';
import { explainStop } from './explain.js';
import { type FleetChartSources, setupFleet } from './fleet.setup.js';
import type { FleetContext, FleetEvent, FleetStateName, MemberState } from './fleet.types.js';
import { endedFor, isChanged, mayBeAdopted, membersAfter } from './fleet-change.js';
import {
  backOff,
  idleMember,
  isActive,
  isTemporary,
  memberOf,
  phaseOf,
  recentRestarts,
  restartedWith,
  stateOfMember,
  withMember,
} from './fleet-members.js';
import { isInRollout, nextSteps } from './fleet-steps.js';

/** The chart's whole vocabulary: `fleet.setup.ts` and the actions (verbs). Every one of them is pure. */
export function withFleetActions({ now, random }: FleetChartSources) {
  const chart = setupFleet({ now });

  return chart.extend({
    actions: {
      announceState: emit((_, { state }: { state: FleetStateName }) => ({ type: 'state' as const, state })),
      announceStopped: chart.emit(({ context }) => ({
        type: 'stopped',
        reason: context.reason ?? { type: 'emptied' },
      })),

      /** Gives every command for which nothing has to be waited for any more. */
      proceed: chart.enqueueActions(({ context, enqueue }) => {
        const { commands, members, rollout } = nextSteps(context);
        enqueue.assign({ members, rollout });
        for (const command of commands) {
          enqueue.sendTo('sidecars', command);
          if (command.type !== 'member.drain' || rollout === null) continue;
          const { name } = command;
          enqueue.raise({ type: 'member.overdue', name }, { delay: rollout.drainTimeout, id: overdue(name) });
        }
        const isStalled = rollout?.isStalled ?? false;
        if (isStalled === (context.rollout?.isStalled ?? false)) return;
        enqueue.cancel(ROLLOUT_OVERDUE);
        if (!isStalled || rollout === null) return;
        const [instance] = context.config.members.filter(({ sidecar }) => sidecar === rollout.sidecar);
        const delay = instance?.config.client.waitForReady ?? 0;
        enqueue.raise({ type: 'rollout.overdue' }, { delay, id: ROLLOUT_OVERDUE });
      }),

      /** A person starts it: what happened before is forgotten. */
      beginAnew: chart.assign({ restarts: [], startAgain: false, reason: null, rollout: null }),
      startAgainLater: chart.assign({ startAgain: true }),
      stayStopped: chart.assign({ startAgain: false }),

      wantAll: chart.assign(({ context }) => ({
        members: changeEach(context, ({ phase }) =>
          phase === 'down' ? { ...idleMember, phase: 'waiting' } : {},
        ),
      })),
      endAll: chart.enqueueActions(({ context, enqueue }) => {
        for (const { name } of context.config.members) {
          enqueue.cancel(due(name));
          enqueue.cancel(overdue(name));
        }
        enqueue.assign({
          members: changeEach(context, ({ phase }) => ({
            phase: endOf(phase),
            afterwards: 'stay-down',
            isBackingOff: false,
          })),
        });
      }),

      giveRequested: chart.assign({ reason: { type: 'requested' } }),
      giveEmptied: chart.assign({ reason: { type: 'emptied' } }),
      giveIntensity: assign({
        reason: ({ context: { config }, event }) => {
          assertEvent(event, 'member.lost');
          const { name, cause } = event;
          const { intensity, period } = config;
          return { type: 'intensity-exceeded', name, cause, intensity, period } as const;
        },
      }),
      giveExhausted: assign({
        reason: ({ event }) => {
          assertEvent(event, 'member.lost');
          const { name, cause } = event;
          return { type: 'sidecar-failed', name, reason: 'restarts-exhausted', cause } as const;
        },
      }),
      giveFailed: assign({
        reason: ({ event }) => {
          assertEvent(event, 'member.stopped');
          const { name, reason, cause } = event;
          return { type: 'sidecar-failed', name, reason, cause } as const;
        },
      }),

      noteSpawned: chart.assign(({ context, event }) => {
        assertEvent(event, 'member.spawned');
        return phaseOf(context, event.name) === 'starting'
          ? change(context, event.name, { phase: 'started' })
          : {};
      }),

      noteHealthy: chart.assign(({ context, event }) => {
        assertEvent(event, 'member.healthy');
        // One that somebody else started is part of the fleet again.
        const isComing = ['starting', 'started', 'down'].includes(phaseOf(context, event.name));
        return change(context, event.name, {
          healthySince: now(),
          ...(isComing && { phase: 'up' }),
        });
      }),

      noteServing: chart.assign(({ context, event }) => {
        assertEvent(event, 'member.serving');
        return change(context, event.name, { isServing: event.isServing });
      }),

      noteStopped: chart.assign(({ context, event }) => {
        assertEvent(event, 'member.stopped');
        const { phase, afterwards } = stateOfMember(context.members, event.name);
        if (phase === 'waiting') return {};
        const isBeingEnded = phase === 'stopping' || phase === 'ending';
        const next = isBeingEnded && afterwards === 'start' ? 'waiting' : 'down';
        return change(context, event.name, { phase: next, isServing: false, healthySince: null });
      }),

      countRestart: chart.assign({
        restarts: ({ context }) => [...recentRestarts(context, now()), now()],
      }),

      /** It restarts by itself. */
      noteLost: chart.enqueueActions(({ context, event, enqueue }) => {
        assertEvent(event, 'member.lost');
        const { name, cause } = event;
        enqueue.cancel(overdue(name));
        // Its turn in a rollout comes again.
        const { rollout } = context;
        const isInTurn = rollout !== null && phaseOf(context, name) === 'draining';
        enqueue.assign({
          ...change(context, name, { phase: 'starting', healthySince: null }),
          ...(isInTurn && { rollout: { ...rollout, queue: [...rollout.queue, name] } }),
        });
        enqueue.emit({ type: 'restart', name, cause, restarted: [name] });
      }),

      /** The fleet restarts it, and others with it: all of them are ended first. */
      endTogether: chart.enqueueActions(({ context, event, enqueue }) => {
        assertEvent(event, 'member.lost');
        const { name, cause } = event;
        const lost = memberOf(context, name);
        const together = restartedWith(context, name);
        const { state, delay } = backOff(stateOfMember(context.members, name), lost, now(), random());
        let members = withMember(context.members, name, state);
        for (const member of together) {
          enqueue.cancel(overdue(member.name));
          const { phase } = stateOfMember(members, member.name);
          if (member.name === name || phase === 'waiting') continue;
          members = withMember(members, member.name, {
            phase: 'ending',
            afterwards: isTemporary(member) ? 'stay-down' : 'start',
            healthySince: null,
          });
        }
        enqueue.assign({ members });
        enqueue.sendTo('sidecars', { type: 'member.stop', name });
        enqueue.raise({ type: 'member.due', name }, { delay, id: due(name) });
        const restarted = together.filter((each) => each.name === name || !isTemporary(each));
        enqueue.emit({ type: 'restart', name, cause, restarted: restarted.map((each) => each.name) });
      }),

      /** It has no process, and must not start another one while the rest is ended. */
      stopLost: chart.enqueueActions(({ context, event, enqueue }) => {
        assertEvent(event, 'member.lost');
        const { name } = event;
        enqueue.assign(change(context, name, { phase: 'stopping' }));
        enqueue.sendTo('sidecars', { type: 'member.stop', name });
      }),

      noteDue: chart.assign(({ context, event }) => {
        assertEvent(event, 'member.due');
        return change(context, event.name, { isBackingOff: false });
      }),

      beginChange: chart.enqueueActions(({ context, event, enqueue }) => {
        assertEvent(event, 'CHANGE');
        const { config, replaced, restarted } = event;
        const known = new Set(context.config.members.map(({ name }) => name));
        const added = config.members.map(({ name }) => name).filter((name) => !known.has(name));
        const awaited = [...added, ...replaced, ...restarted];
        const change = {
          config,
          replaced,
          restarted,
          awaited,
          isWanted: true,
          isAdopted: false,
          failures: [],
        };
        const ended = endedFor(context, change);
        for (const name of Object.keys(ended)) enqueue.cancel(due(name));
        enqueue.assign({ change, members: { ...context.members, ...ended } });
      }),

      wantNothingNew: chart.assign(({ context: { change } }) => ({
        change: change === null ? null : { ...change, isWanted: false },
      })),

      /** Once all that the new configuration has not, or has differently, is down. */
      adopt: chart.enqueueActions(({ context, enqueue }) => {
        const { change, members } = context;
        if (change === null || !mayBeAdopted(context)) return;
        enqueue.sendTo('sidecars', { type: 'members.adopt' });
        enqueue.assign({
          config: change.config,
          change: { ...change, isAdopted: true },
          members: membersAfter(members, change),
        });
        enqueue.emit({ type: 'adopted', replaced: change.replaced });
      }),

      noteChangeFailed: chart.assign(({ context: { change }, event }) => {
        assertEvent(event, 'member.stopped');
        const { name, reason, cause } = event;
        if (change === null) return {};
        return { change: { ...change, failures: [...change.failures, { name, reason, cause }] } };
      }),

      finishChange: chart.enqueueActions(({ context, enqueue }) => {
        const { change } = context;
        if (change === null || !isChanged(context)) return;
        enqueue.assign({ change: null });
        enqueue.emit({ type: 'changed', failures: change.failures });
      }),

      beginRollout: chart.assign(({ context, event }) => {
        assertEvent(event, 'ROLL');
        const { sidecar, keepServing, how, drainTimeout } = event;
        const queue = context.config.members
          .filter((member) => member.sidecar === sidecar && isActive(phaseOf(context, member.name)))
          .map(({ name }) => name);
        return { rollout: { sidecar, keepServing, how, drainTimeout, queue, isStalled: false } };
      }),

      replace: chart.enqueueActions(({ context, event, enqueue }) => {
        if (!('name' in event) || context.rollout === null) return;
        const { name } = event;
        enqueue.cancel(overdue(name));
        enqueue.assign(change(context, name, { phase: 'replacing' }));
        enqueue.sendTo('sidecars', { type: 'member.replace', name, how: context.rollout.how });
      }),

      /** The new process is healthy: it has served its turn once it is ready. */
      settle: chart.enqueueActions(({ context, event, enqueue }) => {
        assertEvent(event, 'member.healthy');
        const { name } = event;
        const { waitForReady } = memberOf(context, name).config.client;
        enqueue.assign(change(context, name, { phase: 'settling' }));
        enqueue.raise({ type: 'member.overdue', name }, { delay: waitForReady, id: overdue(name) });
      }),

      /** What settles and serves has had its turn. */
      finishTurns: chart.enqueueActions(({ context, enqueue }) => {
        let { members } = context;
        for (const { name } of context.config.members) {
          const { phase, isServing } = stateOfMember(members, name);
          if (phase !== 'settling' || !isServing) continue;
          enqueue.cancel(overdue(name));
          members = withMember(members, name, { phase: 'up' });
          enqueue.emit({ type: 'rolled', name });
        }
        enqueue.assign({ members });
      }),

      finishRollout: chart.enqueueActions(({ context, enqueue }) => {
        const { rollout, config, members } = context;
        if (rollout === null) return;
        const isUnderWay = config.members.some(({ name }) => isInRollout({ members, rollout }, name));
        if (isUnderWay) return;
        enqueue.assign({ rollout: null });
        enqueue.emit({ type: 'rollout-done', sidecar: rollout.sidecar });
      }),

      /** What was replaced stays, what has yet to be stays as it is. */
      failRollout: chart.enqueueActions(({ context, event, enqueue }) => {
        if (!('name' in event)) return;
        const { name } = event;
        enqueue.cancel(overdue(name));
        // One that is stopped is noted as such.
        const members = withMember(context.members, name, { phase: 'up' });
        giveTurnsUp({ ...context, members }, enqueue);
        const { rollout } = context;
        if (rollout === null) return;
        enqueue.emit({ type: 'rollout-failed', sidecar: rollout.sidecar, name, why: whyItFailed(event) });
      }),
      breakRolloutOff: chart.enqueueActions(({ context, event, enqueue }) => {
        const { rollout } = context;
        if (rollout === null) return;
        giveTurnsUp(context, enqueue);
        const why =
          event.type === 'rollout.overdue'
            ? `fewer than ${rollout.keepServing} others serve`
            : 'the fleet was stopped meanwhile, or had to restart it';
        enqueue.emit({ type: 'rollout-failed', sidecar: rollout.sidecar, name: null, why });
      }),
    },
  });
}

interface Enqueue {
  readonly cancel: (id: string) => void;
  readonly assign: (changes: Pick<FleetContext, 'rollout' | 'members'>) => void;
}

/** Nobody's turn comes any more. What is being replaced already comes up, or not, by itself. */
function giveTurnsUp(context: FleetContext, enqueue: Enqueue): void {
  let { members } = context;
  enqueue.cancel(ROLLOUT_OVERDUE);
  for (const { name } of context.config.members) {
    if (stateOfMember(members, name).phase !== 'draining') continue;
    enqueue.cancel(overdue(name));
    members = withMember(members, name, { phase: 'up' });
  }
  enqueue.assign({ rollout: null, members });
}

const ROLLOUT_OVERDUE = 'rollout overdue';
const due = (name: string) => `due ${name}`;
const overdue = (name: string) => `overdue ${name}`;

function change({ members }: FleetContext, name: string, changes: Partial<MemberState>) {
  return { members: withMember(members, name, changes) };
}

function changeEach(
  { config, members }: FleetContext,
  changeOf: (state: MemberState, name: string) => Partial<MemberState>,
): FleetContext['members'] {
  return Object.fromEntries(
    config.members.map(({ name }) => {
      const state = stateOfMember(members, name);
      return [name, { ...state, ...changeOf(state, name) }];
    }),
  );
}

/** How each phase ends when all are to be stopped. */
function endOf(phase: MemberState['phase']): MemberState['phase'] {
  if (phase === 'waiting' || phase === 'down') return 'down';
  return phase === 'stopping' ? 'stopping' : 'ending';
}

function whyItFailed(event: FleetEvent): string {
  if (event.type === 'member.kept') return event.why;
  if (event.type === 'member.stopped') return explainStop(event.reason, event.cause);
  return 'it was healthy, and not ready in time (client.waitForReady)';
}
