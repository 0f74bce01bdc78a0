import { assertEvent, assign, sendTo } from 'xstate';
import { countBreaches, findBreaches, findWarnings, newBreaches, standingBreach } from './resource-limits.js';
import { noSampling, withSample } from './resource-trend.js';
import { chooseBackoff, restartsInWindow } from './restart-policy.js';
import { type SidecarChartSources, setupSidecar } from './sidecar.setup.js';
import type {
  HealthPace,
  IncarnationInput,
  LiveProcess,
  SidecarContext,
  SidecarStateName,
  StopReason,
} from './sidecar.types.js';
import { countReport, isReadyAfter, notChecked, notReady } from './thresholds.js';
import { causeOf, enteredAt, HISTORY_LENGTH, lastRecord, recordTransition } from './transition-record.js';

/** The chart's whole vocabulary: `sidecar.setup.ts` and the actions (verbs). Every one of them is pure. */
export function withActions({ now, random }: Pick<SidecarChartSources, 'now' | 'random'>) {
  const chart = setupSidecar();

  return chart.extend({
    actions: {
      /** Writes down which state was entered and why. */
      record: assign({
        history: ({ context, event }, { to }: { to: SidecarStateName }) =>
          [...context.history, recordTransition(context, event, to, now())].slice(-HISTORY_LENGTH),
      }),
      announceTransition: chart.emit(({ context }) => ({ type: 'transition', record: lastRecord(context) })),

      beginCompilation: chart.assign({ compilation: ({ context }) => context.compilation + 1 }),

      announceCompiled: chart.emit(({ event }) => {
        assertEvent(event, 'compile.done');
        return { type: 'compiled', outcome: event.outcome, duration: event.duration };
      }),

      announceCompileFailed: chart.emit(({ event }) => {
        assertEvent(event, 'compile.failed');
        return { type: 'compile-failed', failure: event.failure };
      }),

      /** Begins a new incarnation: nothing of the old one counts any more. */
      spawn: chart.enqueueActions(({ context, enqueue }) => {
        const generation = context.generation + 1;
        enqueue.assign({
          generation,
          process: null,
          deadline: null,
          afterwards: 'decide',
          health: notChecked,
          resources: noSampling,
        });
        enqueue.sendTo('process', { type: 'process.spawn', generation });
      }),

      adoptProcess: chart.enqueueActions(({ event, enqueue }) => {
        assertEvent(event, 'process.spawned');
        const { generation, pid, endpoint, library } = event;
        const process = { generation, pid, endpoint, library, statusText: null, handoff: null, exit: null };
        enqueue.assign({ process });
        enqueue.emit({ type: 'spawned', generation, pid, endpoint });
      }),

      watchHealth: chart.enqueueActions(({ context, enqueue }) => {
        enqueue.spawnChild('health', { id: 'health', input: incarnation({ context }) });
        // Without a readiness check, being healthy is enough.
        const isReady = context.config.healthCheck.readiness === undefined;
        enqueue.assign({ readiness: { ...notReady, isReady } });
      }),
      watchResources: chart.spawnChild('resources', { id: 'resources', input: incarnation }),

      paceHealth: sendTo('health', (_, { pace }: { pace: HealthPace }) => ({
        type: 'health.pace',
        pace,
      })),
      checkHealthNow: chart.sendTo('health', { type: 'health.check' }),
      hintHealth: chart.sendTo('health', { type: 'health.hint' }),

      stopWatching: chart.enqueueActions(({ enqueue }) => {
        enqueue.stopChild('health');
        enqueue.stopChild('resources');
        enqueue.assign({ readiness: notReady });
      }),

      countHealth: chart.enqueueActions(({ context, event, enqueue }) => {
        assertEvent(event, 'health.checked');
        const { generation, report } = event;
        enqueue.assign({ health: countReport(context.health, report) });
        enqueue.emit({ type: 'health-checked', generation, report });
      }),

      /** Opens and closes the way for requests. */
      countReadiness: chart.enqueueActions(({ context, event, enqueue }) => {
        assertEvent(event, 'readiness.checked');
        const { generation, report } = event;
        const { readiness, config } = context;
        const thresholds = config.healthCheck.readiness ?? config.healthCheck;
        const counted = countReport(readiness, report);
        const isReady = isReadyAfter(readiness.isReady, counted, thresholds);
        enqueue.assign({ readiness: { ...counted, isReady } });
        enqueue.emit({ type: 'readiness-checked', generation, report });
        if (isReady === readiness.isReady) return;
        enqueue.emit(isReady ? { type: 'ready', generation } : { type: 'not-ready', generation, report });
      }),

      /** Passes on what the process says of itself to whoever checks it, and keeps its own words. */
      noteNotice: chart.enqueueActions(({ context, event, enqueue }) => {
        assertEvent(event, 'process.noticed');
        const { generation, notice } = event;
        if (notice.type !== 'status') {
          enqueue.sendTo('health', { type: 'health.notice', notice });
          return;
        }
        enqueue.assign({ process: { ...liveProcess(context), statusText: notice.text } });
        enqueue.emit({ type: 'status-text', generation, text: notice.text });
      }),

      noteEndpoint: chart.enqueueActions(({ context, event, enqueue }) => {
        assertEvent(event, 'endpoint.announced');
        const { generation, endpoint } = event;
        enqueue.assign({ process: { ...liveProcess(context), endpoint } });
        enqueue.emit({ type: 'endpoint-announced', generation, endpoint });
        enqueue.sendTo('health', { type: 'health.endpoint', endpoint });
      }),

      /** So that the check that waits for it says why it waits in vain. */
      noteUnusableEndpoint: chart.sendTo('health', ({ event }) => {
        assertEvent(event, 'endpoint.unusable');
        return { type: 'health.notice', notice: { type: 'unusable-endpoint', error: event.error } };
      }),

      warn: chart.emit(({ event }) => {
        assertEvent(event, [
          'endpoint.unusable',
          'process.unprotected',
          'log.failed',
          'watch.failed',
          'state.failed',
        ]);
        return { type: 'warning', message: event.error };
      }),

      keepHandoff: chart.assign(({ context, event }) => {
        assertEvent(event, 'process.handed');
        return { process: { ...liveProcess(context), handoff: event.handoff } };
      }),

      noteCircuit: chart.enqueueActions(({ event, enqueue }) => {
        assertEvent(event, 'client.circuit');
        enqueue.assign({ circuit: event.state });
        enqueue.emit({ type: 'circuit', state: event.state });
      }),

      countResources: chart.enqueueActions(({ context, event, enqueue }) => {
        assertEvent(event, 'resources.sampled');
        const { sample } = event;
        const limits = context.config.resources;
        const before = context.resources;
        const counted = countBreaches(before, sample, limits);
        enqueue.assign({ resources: { ...counted, ...withSample(before, sample) } });
        // Once a breach, not once a sample.
        const breaches = newBreaches(
          findBreaches(before, before.last, limits),
          findBreaches(counted, sample, limits),
        );
        const warnings = newBreaches(
          findWarnings(before, before.last, limits),
          findWarnings(counted, sample, limits),
        );
        for (const { resource, value, limit, action } of breaches) {
          enqueue.emit({ type: 'resource-exhaustion', resource, value, limit, action });
        }
        for (const { resource, value, limit } of warnings) {
          enqueue.emit({ type: 'resource-warning', resource, value, limit });
        }
      }),

      warnNoResources: chart.emit(({ event }) => {
        assertEvent(event, 'resources.unavailable');
        return { type: 'warning', message: `limits are not watched: ${event.error}` };
      }),

      /** Remembers what is wrong, by the event that showed it. */
      noteTrouble: chart.assign({ trouble: ({ context, event }) => causeOf(context, event) }),
      /** What remains wrong is a limit that is borne. */
      noteBorneLimit: chart.assign(({ context }) => {
        const breach = standingBreach(context);
        if (breach === null) throw new Error('The chart is wrong: no limit is broken.');
        return { trouble: { type: 'limit', breach } };
      }),
      forgetTrouble: chart.assign({ trouble: null }),

      noteExit: chart.assign(({ context, event }) => {
        assertEvent(event, 'process.exited');
        const { exit } = event;
        return { lastExit: exit, process: context.process === null ? null : { ...context.process, exit } };
      }),

      announceDeath: chart.emit(({ event }) => {
        assertEvent(event, 'process.exited');
        return { type: 'process-death', generation: event.generation, ...event.exit };
      }),

      /** No process of the group is left, nor one that is being started. */
      forgetProcess: chart.enqueueActions(({ context, enqueue }) => {
        // One that is being ended is not watched any more.
        if (context.deadline === null) {
          enqueue.stopChild('health');
          enqueue.stopChild('resources');
        }
        enqueue.assign({ process: null, deadline: null, readiness: notReady });
      }),

      announceOrphan: chart.emit(({ event }) => {
        assertEvent(event, 'orphan.ended');
        return { type: 'orphan-ended', ...event.orphan };
      }),

      announceHealthy: chart.emit(({ context }) => {
        const { pid, generation } = liveProcess(context);
        return { type: 'healthy', pid, generation };
      }),
      announceUnhealthy: chart.emit(({ context, event }) => ({
        type: 'unhealthy',
        cause: context.trouble ?? causeOf(context, event),
      })),
      announceRecovered: chart.emit({ type: 'recovered' }),

      terminate: chart.enqueueActions(({ context, enqueue }) => {
        // Once: many programs take a second SIGTERM as "at once".
        if (context.deadline !== null) return;
        enqueue.assign({ deadline: enteredAt(context) + context.config.process.stopTimeout });
        enqueue.sendTo('process', { type: 'process.terminate' });
      }),

      kill: chart.enqueueActions(({ context, enqueue }) => {
        enqueue.assign({ deadline: enteredAt(context) + context.config.process.killTimeout });
        enqueue.sendTo('process', { type: 'process.kill' });
      }),

      /** While it is not used, any other program may run it. */
      release: chart.sendTo('process', { type: 'process.release' }),

      thenCompile: chart.assign({ afterwards: 'compile' }),
      thenSpawn: chart.assign({ afterwards: 'spawn' }),
      clearBudget: chart.assign({ restarts: [], consecutiveRestarts: 0 }),

      /** Enters one automatic restart in the log and chooses its delay. */
      scheduleRestart: chart.enqueueActions(({ context, event, enqueue }) => {
        const config = context.config.process;
        const decidedAt = enteredAt(context);
        const consecutiveRestarts = context.consecutiveRestarts + 1;
        const backoff = chooseBackoff(consecutiveRestarts, config, random());
        const { delay } = backoff;
        // By the time it is due: two delays of different length must not bring two restarts into one window.
        const restarts = [...restartsInWindow(context.restarts, config, decidedAt), decidedAt + delay];
        const attempt = restarts.length;
        const cause = context.trouble ?? causeOf(context, event);
        enqueue.assign({ restarts, consecutiveRestarts, backoff });
        enqueue.emit({ type: 'restart-scheduled', attempt, delay, cause });
      }),

      announceExhausted: chart.emit(({ context, event }) => ({
        type: 'restarts-exhausted',
        restarts: context.restarts.length,
        cause: context.trouble ?? causeOf(context, event),
      })),

      startAgainLater: chart.assign({ startAgain: true }),
      stayStopped: chart.assign({ startAgain: false }),

      giveReason: assign({ reason: (_, { reason }: { reason: StopReason }) => reason }),
      announceStopped: chart.emit(({ context }) => ({
        type: 'stopped',
        reason: context.reason ?? 'requested',
        cause: context.trouble,
        exit: context.lastExit,
      })),

      /** A person starts it: everything that was counted against it is forgotten. */
      beginAnew: chart.assign({ ...untroubled, restarts: [] }),
      /** A request starts it, or what was remembered while stopping: the restarts of the window still count. */
      beginAgain: chart.assign(untroubled),

      relayCompileOutput: chart.enqueueActions(({ event, enqueue }) => {
        assertEvent(event, 'compile.output');
        for (const line of event.lines) enqueue.emit({ type: 'output', source: 'compile', ...line });
      }),
      relayProcessOutput: chart.enqueueActions(({ event, enqueue }) => {
        assertEvent(event, 'process.output');
        for (const line of event.lines) enqueue.emit({ type: 'output', source: 'process', ...line });
      }),
    },
  });
}

/** What is forgotten whenever a start is asked for. */
const untroubled = {
  consecutiveRestarts: 0,
  trouble: null,
  lastExit: null,
  reason: null,
  startAgain: false,
  afterwards: 'decide',
} as const satisfies Partial<SidecarContext>;

function incarnation({ context }: { context: SidecarContext }): IncarnationInput {
  const { generation, pid, endpoint, library } = liveProcess(context);
  return { config: context.config, generation, pid, endpoint, library };
}

function liveProcess({ process }: SidecarContext): LiveProcess {
  if (process === null) throw new Error('The chart is wrong: this action needs a live process.');
  return process;
}
