import { withFleetActions } from './fleet.actions.js';
import type { FleetChartSources } from './fleet.setup.js';
import type { FleetStateName } from './fleet.types.js';
import { idleMember } from './fleet-members.js';

/**
 * Several sidecars as one statechart. Each of them keeps its own; this one decides in which order they start and stop,
 * which are restarted together, and when it is no use any more. It is pure: the actor that has the sidecars is bound in
 * `src/fleet-machine.ts`.
 *
 * The strategies are those of the supervisors of Erlang/OTP (stdlib, supervisor.erl): what is restarted together is
 * ended first, in reverse, and started again in order once all of it is down; more than `intensity` restarts within
 * `period` end everything.
 */
export function createFleetChart(sources: FleetChartSources) {
  return withFleetActions(sources).createMachine({
    id: 'fleet',
    // An accidental endless loop of `always` must be an error, not a hang.
    options: { maxIterations: 100 },
    context: ({ input: { config } }) => ({
      config,
      members: Object.fromEntries(config.members.map(({ name }) => [name, idleMember])),
      restarts: [],
      rollout: null,
      change: null,
      startAgain: false,
      reason: null,
    }),

    // One actor for the life of the machine; it has the sidecars.
    invoke: { id: 'sidecars', src: 'sidecars' },

    on: {
      'member.spawned': { actions: ['noteSpawned', 'proceed'] },
      'member.healthy': [
        {
          guard: 'isReplacing',
          actions: ['noteHealthy', 'settle', 'finishTurns', 'proceed', 'finishRollout'],
        },
        { actions: ['noteHealthy', 'proceed', 'finishChange'] },
      ],
      'member.serving': { actions: ['noteServing', 'finishTurns', 'proceed', 'finishRollout'] },
      'member.stopped': [
        { guard: 'failsRollout', actions: ['failRollout', 'noteStopped', 'proceed'] },
        { actions: ['noteStopped', 'adopt', 'proceed', 'finishRollout', 'finishChange'] },
      ],
      'member.drained': { guard: 'isDraining', actions: 'replace' },
      'member.kept': { guard: 'isReplacing', actions: ['failRollout', 'proceed'] },
      'member.overdue': [
        { guard: 'isDraining', actions: 'replace' },
        { guard: 'isSettling', actions: ['failRollout', 'proceed'] },
      ],
      'rollout.overdue': { guard: 'isStalled', actions: 'breakRolloutOff' },
      'member.due': { actions: ['noteDue', 'proceed'] },
    },

    initial: 'stopped',
    states: {
      stopped: {
        always: { guard: 'mustStartAgain', target: 'starting' },
        on: {
          START: 'starting',
          CHANGE: { guard: 'mayChange', actions: changedWhileDown },
          // One that somebody else started.
          STOP: { guard: 'isNotEmpty', target: 'stopping', actions: 'giveRequested' },
        },
      },

      starting: {
        entry: [...entered('starting'), 'beginAnew', 'wantAll', 'proceed'],
        always: [
          { guard: 'isEmpty', target: 'stopped', actions: ['giveEmptied', ...becomesStopped] },
          { guard: 'isSettled', target: 'running' },
        ],
        on: whileWanted(),
      },

      running: {
        entry: entered('running'),
        always: { guard: 'isEmpty', target: 'stopped', actions: ['giveEmptied', ...becomesStopped] },
        on: {
          ...whileWanted('restarting'),
          CHANGE: { guard: 'mayChange', target: 'restarting', actions: changed },
          ROLL: { guard: 'mayRoll', actions: ['beginRollout', 'proceed', 'finishRollout'] },
        },
      },

      // One of them, or several, are on the way up again.
      restarting: {
        entry: entered('restarting'),
        always: [
          { guard: 'isEmpty', target: 'stopped', actions: ['giveEmptied', ...becomesStopped] },
          { guard: 'isSettled', target: 'running' },
        ],
        on: whileWanted(),
      },

      stopping: {
        entry: [
          ...entered('stopping'),
          'breakRolloutOff',
          'endAll',
          'wantNothingNew',
          'adopt',
          'proceed',
          'finishChange',
        ],
        always: { guard: 'isEmpty', target: 'stopped', actions: becomesStopped },
        on: {
          START: { actions: 'startAgainLater' },
          STOP: { actions: ['stayStopped', 'giveRequested'] },
          // Somebody else started it meanwhile.
          'member.healthy': { actions: ['noteHealthy', 'endAll', 'proceed'] },
          CHANGE: { guard: 'mayChange', actions: changedWhileDown },
        },
      },
    },
  });
}

/** Every state's first entry action: tell that it was entered. */
function entered<State extends FleetStateName>(state: State) {
  return [{ type: 'announceState', params: { state } }] as const;
}

/** A new configuration: what has to be ended is, and then it is adopted. */
const changed = ['beginChange', 'adopt', 'proceed', 'finishChange'] as const;
const changedWhileDown = ['beginChange', 'wantNothingNew', 'adopt', 'proceed', 'finishChange'] as const;

const becomesStopped = [...entered('stopped'), 'announceStopped'] as const;

/**
 * A loss, a failure, and STOP, while all of them should be up.
 *
 * @param target where a loss leads, when it is not there yet
 */
function whileWanted<Target extends 'restarting'>(target?: Target) {
  return {
    'member.lost': [
      { guard: 'isNoLoss' },
      { guard: 'exceedsIntensity', target: 'stopping', actions: ['giveIntensity', 'stopLost'] },
      { guard: 'isOneForOne', target, actions: ['countRestart', 'noteLost', 'proceed'] },
      { guard: 'hasNoBudget', target: 'stopping', actions: ['giveExhausted', 'stopLost'] },
      {
        guard: 'interruptsRollout',
        target,
        actions: ['countRestart', 'breakRolloutOff', 'endTogether', 'proceed'],
      },
      { target, actions: ['countRestart', 'endTogether', 'proceed'] },
    ],
    'member.stopped': [
      { guard: 'failsChange', actions: ['noteChangeFailed', 'noteStopped', 'proceed', 'finishChange'] },
      { guard: 'isFailure', target: 'stopping', actions: ['giveFailed', 'noteStopped'] },
    ],
    CHANGE: { guard: 'mayChange', actions: changed },
    STOP: { target: 'stopping', actions: 'giveRequested' },
  } as const;
}
