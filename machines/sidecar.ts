import { and, raise } from 'xstate';
import { noSampling } from './resource-trend.js';
import { withActions } from './sidecar.actions.js';
import {
  anew,
  because,
  diesUnexpectedly,
  endsTheGroup,
  entered,
  isTakenOver,
  onlyTold,
  taken,
} from './sidecar.fragments.js';
import type { SidecarChartSources } from './sidecar.setup.js';
import { notChecked, notReady } from './thresholds.js';

/**
 * The life of a sidecar as one statechart, and the whole truth about it: every decision is a guard, a delay or a
 * transition here; actors only act and report. It is pure: the actors are bound in `src/sidecar-machine.ts`.
 */
export function createSidecarChart(sources: SidecarChartSources) {
  return withActions(sources).createMachine({
    id: 'sidecar',
    // An accidental endless loop of `always` must be an error, not a hang.
    options: { maxIterations: 100 },
    context: ({ input }) => ({
      config: sources.resolveConfig(input),
      compilation: 0,
      generation: 0,
      process: null,
      health: notChecked,
      readiness: notReady,
      circuit: 'closed',
      resources: noSampling,
      lastExit: null,
      trouble: null,
      restarts: [],
      consecutiveRestarts: 0,
      backoff: null,
      afterwards: 'decide',
      deadline: null,
      startAgain: false,
      reason: null,
      history: [],
    }),

    // One process actor for the life of the machine; it runs one process at a time.
    invoke: { id: 'process', src: 'process', input: ({ context }) => ({ config: context.config }) },

    on: {
      'compile.output': { actions: 'relayCompileOutput' },
      'process.output': { guard: 'isCurrent', actions: 'relayProcessOutput' },
      'process.noticed': { guard: and(['isCurrent', 'isWatched']), actions: 'noteNotice' },
      'process.handed': { guard: and(['isCurrent', 'isWatched']), actions: 'keepHandoff' },
      'endpoint.announced': { guard: and(['isCurrent', 'isWatched']), actions: 'noteEndpoint' },
      'endpoint.unusable': {
        guard: and(['isCurrent', 'isWatched']),
        actions: ['warn', 'noteUnusableEndpoint'],
      },
      'readiness.checked': { guard: and(['isCurrent', 'isWatched']), actions: 'countReadiness' },
      'health.requested': { guard: 'isWatched', actions: 'checkHealthNow' },
      'client.circuit': { actions: 'noteCircuit' },
      ...onlyTold,
      'host.exiting': { actions: raise({ type: 'STOP' }) },
    },

    initial: 'created',
    states: {
      // Passed at once: a lazy sidecar waits for its first request.
      created: {
        always: [{ guard: 'isLazy', target: 'stopped', actions: because('lazy') }, { target: 'compiling' }],
      },

      compiling: {
        entry: [...entered('compiling'), 'beginCompilation'],
        always: { guard: 'hasNoCompileStep', target: 'spawning' },
        invoke: {
          id: 'compile',
          src: 'compile',
          input: ({ context: { config, compilation } }) => ({ config, compilation }),
        },
        on: {
          'compile.done': { guard: 'isCurrent', target: 'spawning', actions: 'announceCompiled' },
          'compile.failed': {
            guard: 'isCurrent',
            target: 'stopped',
            actions: ['announceCompileFailed', 'noteTrouble', because('compile-failed')],
          },
          'process.taken': { target: 'stopped', actions: taken },
          STOP: { target: 'stopped', actions: because('requested') },
          RESTART: { target: 'compiling', reenter: true, actions: 'beginAnew' },
          RELOAD: { target: 'compiling', reenter: true, actions: 'beginAnew' },
        },
      },

      spawning: {
        entry: [...entered('spawning'), 'spawn'],
        after: { startupTimeout: { target: 'restarting.terminating', actions: 'noteTrouble' } },
        on: {
          'process.spawned': {
            guard: 'isCurrent',
            target: 'waitingHealthy',
            actions: ['adoptProcess', 'watchHealth'],
          },
          'process.failed': [
            {
              guard: 'isPermanentFailure',
              target: 'stopped',
              actions: ['noteTrouble', because('spawn-failed')],
            },
            { guard: 'isCurrent', target: 'restarting.deciding', actions: 'noteTrouble' },
          ],
          ...isTakenOver,
          STOP: { target: 'stopping', actions: because('requested') },
          RESTART: { target: 'restarting.terminating', actions: ['beginAnew', 'thenCompile'] },
          RELOAD: { target: 'restarting.terminating', actions: ['beginAnew', 'thenCompile'] },
        },
      },

      // Alive, but nobody may call it yet.
      waitingHealthy: {
        entry: entered('waitingHealthy'),
        after: { startupTimeout: { target: 'restarting.terminating', actions: 'noteTrouble' } },
        on: {
          'health.checked': [
            {
              guard: 'becomesHealthy',
              target: 'running',
              actions: ['countHealth', 'announceHealthy', 'watchResources'],
            },
            { guard: 'isCurrent', actions: 'countHealth' },
          ],
          'process.output': { guard: 'isCurrent', actions: ['hintHealth', 'relayProcessOutput'] },
          ...diesUnexpectedly,
          ...isTakenOver,
          STOP: { target: 'stopping', actions: because('requested') },
          // There is nothing yet that could go on serving, so a reload is a restart.
          RESTART: { target: 'restarting.terminating', actions: ['beginAnew', 'thenCompile'] },
          RELOAD: { target: 'restarting.terminating', actions: ['beginAnew', 'thenCompile'] },
        },
      },

      running: {
        entry: [...entered('running'), 'forgetTrouble', { type: 'paceHealth', params: { pace: 'steady' } }],
        // The only automatic reset of the budget.
        after: { stableAfter: { actions: 'clearBudget' } },
        on: {
          'health.checked': [
            {
              guard: 'becomesUnhealthy',
              target: 'degraded',
              actions: ['countHealth', 'noteTrouble', 'announceUnhealthy'],
            },
            { guard: 'isCurrent', actions: 'countHealth' },
          ],
          'resources.sampled': [
            {
              guard: 'breaksLimit',
              target: 'degraded',
              actions: ['countResources', 'noteTrouble', 'announceUnhealthy'],
            },
            { guard: 'isCurrent', actions: 'countResources' },
          ],
          ...diesUnexpectedly,
          'client.idle': { guard: 'isCurrent', target: 'stopping', actions: because('idle') },
          ...isTakenOver,
          STOP: { target: 'stopping', actions: because('requested') },
          RESTART: { target: 'restarting.terminating', actions: ['beginAnew', 'thenCompile'] },
          RELOAD: { target: 'restarting.recompiling' },
        },
      },

      // Alive, but unhealthy or over a limit.
      degraded: {
        entry: [...entered('degraded'), { type: 'paceHealth', params: { pace: 'degraded' } }],
        after: {
          degradedTimeout: { guard: and(['mayRestart', 'mustBeReplaced']), target: 'restarting.terminating' },
        },
        on: {
          'health.checked': [
            {
              guard: 'becomesUnhealthy',
              ...anew,
              actions: ['countHealth', 'noteTrouble', 'announceUnhealthy'],
            },
            { guard: 'recovers', target: 'running', actions: ['countHealth', 'announceRecovered'] },
            { guard: 'eases', ...anew, actions: ['countHealth', 'noteBorneLimit', 'announceUnhealthy'] },
            { guard: 'isCurrent', actions: 'countHealth' },
          ],
          'resources.sampled': [
            {
              guard: 'breaksLimit',
              ...anew,
              actions: ['countResources', 'noteTrouble', 'announceUnhealthy'],
            },
            { guard: 'recovers', target: 'running', actions: ['countResources', 'announceRecovered'] },
            { guard: 'eases', ...anew, actions: ['countResources', 'noteBorneLimit', 'announceUnhealthy'] },
            { guard: 'isCurrent', actions: 'countResources' },
          ],
          ...diesUnexpectedly,
          'client.idle': { guard: 'isCurrent', target: 'stopping', actions: because('idle') },
          ...isTakenOver,
          STOP: { target: 'stopping', actions: because('requested') },
          RESTART: { target: 'restarting.terminating', actions: ['beginAnew', 'thenCompile'] },
          RELOAD: { target: 'restarting.recompiling' },
        },
      },

      restarting: {
        initial: 'deciding',
        on: {
          ...endsTheGroup('.deciding'),
          RESTART: { actions: ['beginAnew', 'thenCompile'] },
          RELOAD: { actions: ['beginAnew', 'thenCompile'] },
        },
        states: {
          // RELOAD only: the old process serves on, and is ended only once there is something to replace it with.
          recompiling: {
            entry: [...entered('restarting.recompiling'), 'beginCompilation'],
            always: { guard: 'hasNoCompileStep', target: 'terminating', actions: ['beginAnew', 'thenSpawn'] },
            invoke: {
              id: 'compile',
              src: 'compile',
              input: ({ context: { config, compilation } }) => ({ config, compilation }),
            },
            on: {
              'compile.done': [
                { guard: 'isStale' },
                {
                  guard: 'hasNoProcess',
                  target: '#sidecar.spawning',
                  actions: ['announceCompiled', 'beginAnew'],
                },
                { target: 'terminating', actions: ['announceCompiled', 'beginAnew', 'thenSpawn'] },
              ],
              'compile.failed': [
                { guard: 'isStale' },
                { guard: 'isAliveAndWell', target: '#sidecar.running', actions: 'announceCompileFailed' },
                { guard: 'isAlive', target: '#sidecar.degraded', actions: 'announceCompileFailed' },
                { guard: 'hasNoProcess', target: 'deciding', actions: 'announceCompileFailed' },
                { target: 'terminating', actions: 'announceCompileFailed' },
              ],
              'health.checked': [
                { guard: 'becomesUnhealthy', actions: ['countHealth', 'noteTrouble', 'announceUnhealthy'] },
                { guard: 'recovers', actions: ['countHealth', 'forgetTrouble', 'announceRecovered'] },
                { guard: 'eases', actions: ['countHealth', 'noteBorneLimit', 'announceUnhealthy'] },
                { guard: 'isCurrent', actions: 'countHealth' },
              ],
              'resources.sampled': [
                { guard: 'breaksLimit', actions: ['countResources', 'noteTrouble', 'announceUnhealthy'] },
                { guard: 'recovers', actions: ['countResources', 'forgetTrouble', 'announceRecovered'] },
                { guard: 'eases', actions: ['countResources', 'noteBorneLimit', 'announceUnhealthy'] },
                { guard: 'isCurrent', actions: 'countResources' },
              ],
              'process.exited': [
                {
                  guard: 'leavesSurvivors',
                  actions: ['noteExit', 'noteTrouble', 'announceDeath', 'stopWatching'],
                },
                {
                  guard: 'isCurrent',
                  actions: ['noteExit', 'noteTrouble', 'announceDeath', 'forgetProcess'],
                },
              ],
              'process.emptied': { guard: 'isCurrent', actions: 'forgetProcess' },
              'process.taken': [
                {
                  guard: 'hasNoProcess',
                  target: '#sidecar.stopped',
                  actions: taken,
                },
                { target: '#sidecar.stopping', actions: taken },
              ],
              STOP: [
                { guard: 'hasNoProcess', target: '#sidecar.stopped', actions: because('requested') },
                { target: '#sidecar.stopping', actions: because('requested') },
              ],
              RESTART: [
                { guard: 'hasNoProcess', target: '#sidecar.compiling', actions: 'beginAnew' },
                { target: 'terminating', actions: ['beginAnew', 'thenCompile'] },
              ],
              RELOAD: { target: 'recompiling', reenter: true },
            },
          },

          terminating: {
            entry: [...entered('restarting.terminating'), 'stopWatching', 'terminate'],
            after: { stopTimeout: 'killing' },
            on: {
              'process.taken': {
                target: '#sidecar.stopping.terminating',
                actions: taken,
              },
              STOP: { target: '#sidecar.stopping.terminating', actions: because('requested') },
            },
          },

          killing: {
            entry: [...entered('restarting.killing'), 'kill'],
            after: { killTimeout: { target: '#sidecar.stopped', actions: because('unkillable') } },
            on: {
              'process.taken': {
                target: '#sidecar.stopping.killing',
                actions: taken,
              },
              STOP: { target: '#sidecar.stopping.killing', actions: because('requested') },
            },
          },

          // No process is left: what now?
          deciding: {
            entry: entered('restarting.deciding'),
            always: [
              { guard: 'mustCompile', target: '#sidecar.compiling' },
              { guard: 'mustSpawn', target: '#sidecar.spawning' },
              {
                guard: and(['mayRestart', 'hasBudget']),
                target: 'backingOff',
                actions: 'scheduleRestart',
              },
              {
                guard: 'mayRestart',
                target: '#sidecar.stopped',
                actions: ['announceExhausted', because('restarts-exhausted')],
              },
              { guard: 'endedByItself', target: '#sidecar.stopped', actions: because('exited') },
              { target: '#sidecar.stopped', actions: because('auto-restart-disabled') },
            ],
          },

          backingOff: {
            entry: entered('restarting.backingOff'),
            always: { guard: 'isDueAtOnce', target: '#sidecar.spawning' },
            after: { backoff: '#sidecar.spawning' },
            on: {
              'process.taken': { target: '#sidecar.stopped', actions: taken },
              STOP: { target: '#sidecar.stopped', actions: because('requested') },
              RESTART: { target: '#sidecar.compiling', actions: 'beginAnew' },
              RELOAD: { target: '#sidecar.compiling', actions: 'beginAnew' },
            },
          },
        },
      },

      stopping: {
        initial: 'terminating',
        on: {
          ...endsTheGroup('stopped'),
          START: { actions: ['clearBudget', 'startAgainLater'] },
          RESTART: { actions: ['clearBudget', 'startAgainLater'] },
          'client.requested': { guard: 'startsOnRequest', actions: 'startAgainLater' },
          'process.taken': { actions: ['stayStopped', 'noteTrouble', because('taken')] },
          STOP: { actions: ['stayStopped', because('requested')] },
        },
        states: {
          terminating: {
            entry: [...entered('stopping.terminating'), 'stopWatching', 'terminate'],
            after: { stopTimeout: 'killing' },
          },
          killing: {
            entry: [...entered('stopping.killing'), 'kill'],
            after: {
              killTimeout: {
                target: '#sidecar.stopped',
                actions: ['stayStopped', because('unkillable')],
              },
            },
          },
        },
      },

      stopped: {
        entry: [...entered('stopped'), 'release', 'announceStopped'],
        always: { guard: 'mustStartAgain', target: 'compiling', actions: 'beginAgain' },
        on: {
          // Only an unkillable process, or a start that hung, can still be there; it is ended before another is started.
          'process.spawned': { guard: 'isBeingEnded', actions: ['adoptProcess', 'kill'] },
          'process.failed': { guard: 'isEnded', actions: 'forgetProcess' },
          'process.exited': [
            { guard: 'isEnded', actions: ['noteExit', 'forgetProcess'] },
            { guard: 'isCurrent', actions: 'noteExit' },
          ],
          'process.emptied': { guard: 'isEnded', actions: 'forgetProcess' },
          START: [
            { guard: 'hasNoProcess', target: 'compiling', actions: 'beginAnew' },
            { target: 'restarting.killing', actions: ['beginAnew', 'thenCompile'] },
          ],
          RESTART: [
            { guard: 'hasNoProcess', target: 'compiling', actions: 'beginAnew' },
            { target: 'restarting.killing', actions: ['beginAnew', 'thenCompile'] },
          ],
          'client.requested': { guard: 'startsOnRequest', target: 'compiling', actions: 'beginAgain' },
          // From here on no request starts it.
          STOP: { guard: 'startsOnRequest', actions: because('requested') },
        },
      },
    },
  });
}
