import { describe, expect, it } from 'vitest';
import { callsForReplacement, standingBreach } from '../../machines/resource-limits.js';
import { isFailing, isPassing, notChecked, notReady } from '../../machines/thresholds.js';
import { restingStates, stateOf } from './chart.js';
import {
  changesOf,
  describeEdge,
  type Edge,
  exploreChart,
  isOlder,
  isWatched,
  reachableFrom,
  variants,
} from './reachable-configurations.js';

const isStarting = ({ type }: { type: string }) => type === 'START' || type === 'RESTART';
const isTimer = ({ type }: { type: string }) => type.startsWith('xstate.after.');

describe.each(Object.entries(variants))('in every reachable configuration, %s,', (_, config) => {
  const { configurations, edges } = exploreChart(config);

  describe('STOP leads to stopped', () => {
    const stops = edges.filter(({ event }) => event.type === 'STOP' || event.type === 'host.exiting');
    const followers = reachableFrom(
      stops.map(({ to }) => to),
      edges,
      (event) => !isStarting(event),
    );

    it('through stopping, where something may be alive', () => {
      expect(stops.length).toBeGreaterThanOrEqual(2 * configurations.size);
      const states = stops.map(({ after }) => stateOf(after));
      expect(new Set(states)).toEqual(new Set(['stopping.terminating', 'stopping.killing', 'stopped']));
    });

    it('and nothing but START and RESTART leads out of there, or spawns', () => {
      const later = edges.filter(({ from, event }) => followers.has(from) && !isStarting(event));
      expect(later.length).toBeGreaterThan(followers.size);
      const ways = later.filter(
        ({ before, after }) =>
          !stateOf(after).startsWith('stopp') ||
          after.context.generation !== before.context.generation ||
          after.context.compilation !== before.context.compilation,
      );
      expect(ways.map(describeEdge)).toEqual([]);
    });

    it('by the timers alone, in two steps at most', () => {
      const timers = new Map(edges.filter(({ event }) => isTimer(event)).map((edge) => [edge.from, edge]));
      for (const { to, after } of stops) {
        const steps: string[] = [stateOf(after)];
        let next = timers.get(to);
        while (next !== undefined && steps.length < 5) {
          steps.push(stateOf(next.after));
          next = timers.get(next.to);
        }
        expect(steps.at(-1), steps.join(' → ')).toBe('stopped');
        expect(steps.length, steps.join(' → ')).toBeLessThanOrEqual(3);
      }
    });
  });

  describe('running is entered only by a passing check', () => {
    const entries = edges.filter(
      ({ before, after }) => stateOf(before) !== 'running' && stateOf(after) === 'running',
    );

    const isFailedReload = ({ event }: Edge) => event.type === 'compile.failed';

    it('or by a good report while the last checks of the living process passed', () => {
      expect(entries.length).toBeGreaterThan(0);
      for (const edge of entries.filter((each) => !isFailedReload(each))) {
        const { event, after } = edge;
        const step = describeEdge(edge);
        const { health, process, generation } = after.context;
        if (event.type === 'health.checked') {
          expect(event, step).toMatchObject({ generation, report: { passed: true } });
        } else {
          expect(event.type, step).toBe('resources.sampled');
        }
        expect(health.passes, step).toBeGreaterThanOrEqual(after.context.config.healthCheck.successThreshold);
        expect(process, step).toMatchObject({ generation, exit: null });
      }
    });

    it('within the limits, but for those that are only reported', () => {
      for (const edge of entries.filter((each) => !isFailedReload(each))) {
        expect(standingBreach(edge.after.context), describeEdge(edge)).toBeNull();
      }
    });

    it('or again after a failed reload, with nothing against the process', () => {
      for (const { before, after } of entries.filter(isFailedReload)) {
        const { config, health, process, generation, trouble } = after.context;
        expect(before.context.trouble).toBeNull();
        expect(trouble).toBeNull();
        expect(health.failures).toBeLessThan(config.healthCheck.failureThreshold);
        expect(standingBreach(after.context)).toBeNull();
        expect(process).toMatchObject({ generation, exit: null });
      }
    });
  });

  describe('what is wrong', () => {
    it('is known in degraded, and as grave as it is', () => {
      for (const snapshot of configurations.values()) {
        if (stateOf(snapshot) !== 'degraded') continue;
        const { config, trouble, health } = snapshot.context;
        expect(trouble).not.toBeNull();
        if (callsForReplacement(trouble)) continue;
        // Of a sidecar that is only over a limit that is borne.
        expect(trouble?.type).toBe('limit');
        expect(isFailing(health, config.healthCheck)).toBe(false);
        expect(standingBreach(snapshot.context)?.action).not.toBe('restart');
      }
    });

    it('does not get a process replaced while it is only a limit that is borne', () => {
      const timeouts = edges.filter(
        ({ before, event }) => stateOf(before) === 'degraded' && /degradedTimeout/.test(event.type),
      );
      for (const { before, after } of timeouts) {
        const { config, trouble } = before.context;
        const mayReplace = config.process.autoRestart && callsForReplacement(trouble);
        expect(stateOf(after)).toBe(mayReplace ? 'restarting.terminating' : 'degraded');
      }
    });

    it('gives time to recover anew when it becomes grave, and is not grave any longer than it lasts', () => {
      const inDegraded = edges.filter(
        ({ before, after }) => stateOf(before) === 'degraded' && stateOf(after) === 'degraded',
      );
      for (const edge of inDegraded) {
        const [was, is] = [edge.before, edge.after].map(({ context }) =>
          callsForReplacement(context.trouble),
        );
        // It was entered anew exactly when this changed.
        const isEnteredAnew = edge.before.context.history !== edge.after.context.history;
        expect(isEnteredAnew, describeEdge(edge)).toBe(was !== is);
        const { config, health } = edge.after.context;
        if (is || !was) continue;
        expect(isPassing(health, config.healthCheck), describeEdge(edge)).toBe(true);
      }
    });
  });

  describe('stopped, compiling and restarting.backingOff', () => {
    it('know of no process, but for an unkillable one in stopped', () => {
      const areEmpty: readonly string[] = ['compiling', 'restarting.backingOff', 'stopped'];
      for (const snapshot of configurations.values()) {
        const { process, reason, deadline } = snapshot.context;
        if (!areEmpty.includes(stateOf(snapshot)) || reason === 'unkillable') continue;
        expect({ process, deadline }, stateOf(snapshot)).toEqual({ process: null, deadline: null });
      }
    });

    it('of which only stopped has a reason, as stopping does, and always', () => {
      for (const snapshot of configurations.values()) {
        const state = stateOf(snapshot);
        expect(snapshot.context.reason !== null, state).toBe(/^stopp/.test(state));
      }
    });
  });

  describe('the actors', () => {
    it('are those of the state: a compiler where it compiles, a health actor where it is alive', () => {
      const compiling: readonly string[] = ['compiling', 'restarting.recompiling'];
      const watched: readonly string[] = ['waitingHealthy', 'running', 'degraded'];
      for (const snapshot of configurations.values()) {
        const state = stateOf(snapshot);
        const { compile, process, health } = snapshot.children;
        expect(process, state).toBeDefined();
        expect(compile !== undefined, `compiler in ${state}`).toBe(compiling.includes(state));
        if (state === 'restarting.recompiling') continue;
        expect(health !== undefined, `health actor in ${state}`).toBe(watched.includes(state));
      }
    });

    it('of which the health actor is there exactly while the process lives and is not being ended', () => {
      for (const snapshot of configurations.values()) {
        expect(snapshot.children.health !== undefined, stateOf(snapshot)).toBe(isWatched(snapshot));
      }
    });

    it('and nothing is ready without it', () => {
      const wrong = edges.filter(({ after }) => !isWatched(after) && after.context.readiness !== notReady);
      expect(wrong.map(describeEdge)).toEqual([]);
    });
  });

  describe('no state is unreachable', () => {
    const unreachable = new Set<string>([
      ...(config.compile === 'none' ? ['compiling', 'restarting.recompiling'] : []),
      ...(config.process?.autoRestart === false ? ['restarting.backingOff'] : []),
    ]);

    it('but for those that the configuration rules out', () => {
      const reached = new Set([...configurations.values()].map(stateOf));
      expect(reached).toEqual(new Set(restingStates.filter((state) => !unreachable.has(state))));
    });

    it('and stopped is reachable from each', () => {
      const backwards = edges.map(({ from, to, ...edge }) => ({ ...edge, from: to, to: from }));
      const stopped = [...configurations].filter(([, snapshot]) => stateOf(snapshot) === 'stopped');
      const reaching = reachableFrom(
        stopped.map(([key]) => key),
        backwards,
        (event) => event.type !== 'STOP' && event.type !== 'host.exiting',
      );
      for (const [key, snapshot] of configurations) expect(reaching.has(key), stateOf(snapshot)).toBe(true);
    });
  });

  describe('a request', () => {
    const requests = edges.filter(({ event }) => event.type === 'client.requested');
    const startsOnRequest = ({ before }: Edge) =>
      before.context.reason === 'idle' || before.context.reason === 'lazy';

    it('changes nothing where a person stopped it, where it failed, and where it is up', () => {
      const others = requests.filter((edge) => !startsOnRequest(edge));
      expect(others.length).toBeGreaterThan(0);
      expect(others.filter((edge) => changesOf(edge).length > 0).map(describeEdge)).toEqual([]);
    });

    it('starts what stopped for want of requests, at once or once it has stopped', () => {
      const starting = requests.filter(startsOnRequest);
      expect(starting.length).toBeGreaterThan(0);
      const up = config.compile === 'none' ? 'spawning' : 'compiling';
      for (const edge of starting) {
        const { before, after } = edge;
        if (stateOf(before) !== 'stopped') {
          expect(after.context.startAgain, describeEdge(edge)).toBe(true);
          continue;
        }
        expect(stateOf(after)).toBe(up);
        expect(after.context.reason).toBeNull();
        expect([before.context.process, before.context.deadline]).toEqual([null, null]);
      }
    });

    it('that was remembered starts it once its process is gone', () => {
      const gone = edges.filter(
        ({ before: { context }, after }) =>
          context.startAgain && context.process !== null && after.context.process === null,
      );
      expect(gone.length).toBeGreaterThan(0);
      for (const edge of gone) {
        expect(stateOf(edge.after), describeEdge(edge)).toMatch(/^(compiling|spawning)$/);
      }
    });

    it('does not make the restart budget full again, as a command and time in running do', () => {
      // A compilation that is done is that of a RELOAD.
      const isMeantTo = /^(START|RESTART|RELOAD|compile\.done|xstate\.after\.stableAfter\..*)$/;
      const filled = edges.filter(
        ({ before, after }) => after.context.restarts.length < before.context.restarts.length,
      );
      expect(filled.filter(({ event }) => !isMeantTo.test(event.type)).map(describeEdge)).toEqual([]);
    });
  });

  it('no request for a while stops what is running or degraded, and nothing else', () => {
    const idle = edges.filter((edge) => edge.event.type === 'client.idle' && !isOlder(edge));
    const stops = idle.filter(({ before }) => ['running', 'degraded'].includes(stateOf(before)));
    expect(stops.length).toBeGreaterThan(0);
    for (const edge of stops) {
      expect(stateOf(edge.after)).toBe('stopping.terminating');
      expect(edge.after.context.reason).toBe('idle');
    }
    const others = idle.filter((edge) => !stops.includes(edge));
    expect(others.filter((edge) => changesOf(edge).length > 0).map(describeEdge)).toEqual([]);
  });

  // A question of a lazy sidecar only.
  if (config.lazy) {
    it('nothing is compiled or spawned before a command or a request', () => {
      const isAsked = /^(START|RESTART|client\.requested)$/;
      const [initial = ''] = configurations.keys();
      for (const key of reachableFrom([initial], edges, ({ type }) => !isAsked.test(type))) {
        const snapshot = configurations.get(key);
        expect(snapshot?.value).toBe('stopped');
        expect(snapshot?.context).toMatchObject({ compilation: 0, generation: 0, process: null });
      }
    });
  }

  describe('a report', () => {
    it('of an older process or compilation changes nothing', () => {
      const older = edges.filter(isOlder);
      expect(older.length).toBeGreaterThan(edges.length / 4);
      expect(older.filter((edge) => changesOf(edge).length > 0).map(describeEdge)).toEqual([]);
    });

    it.each([
      ['readiness.checked', 'readiness'],
      ['process.noticed', 'process'],
      ['process.handed', 'process'],
      ['endpoint.announced', 'process'],
      ['endpoint.unusable', 'nothing'],
      ['client.circuit', 'circuit'],
    ])('%s never changes the state, and of what is known only: %s', (type, key) => {
      const reports = edges.filter(({ event }) => event.type === type);
      expect(reports.length).toBeGreaterThan(0);
      const effective = reports.filter((edge) => changesOf(edge).length > 0);
      expect(effective.length > 0).toBe(key !== 'nothing');
      const isMeantTo = (edge: Edge) => type === 'client.circuit' || isWatched(edge.before);
      const wrong = effective.filter((edge) => changesOf(edge).join() !== key || !isMeantTo(edge));
      expect(wrong.map(describeEdge)).toEqual([]);
    });
  });

  it('a new process is not checked yet, and ready only where nothing checks that', () => {
    const spawns = edges.filter(
      ({ before, after }) => before.context.generation !== after.context.generation,
    );
    expect(spawns.length).toBeGreaterThan(0);
    for (const { after } of spawns) {
      const { health, readiness, process, deadline } = after.context;
      expect({ health, readiness }).toEqual({ health: notChecked, readiness: notReady });
      expect([process, deadline]).toEqual([null, null]);
    }
    const isReady = config.healthCheck?.readiness === undefined;
    const starts = edges.filter(
      ({ before, after }) => stateOf(before) === 'spawning' && stateOf(after) === 'waitingHealthy',
    );
    expect(starts.length).toBeGreaterThan(0);
    for (const { after } of starts) expect(after.context.readiness).toEqual({ ...notReady, isReady });
  });

  it('no event is an error', () => {
    expect(edges.filter(({ after }) => after.status !== 'active').map(describeEdge)).toEqual([]);
  });
});
