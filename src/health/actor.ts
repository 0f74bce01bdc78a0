import { fromCallback } from 'xstate';
import type {
  Endpoint,
  HealthCommand,
  HealthPace,
  HealthReport,
  IncarnationInput,
} from '../../machines/sidecar.types.js';
import type { CheckConfig, SingleCheckConfig } from '../config/check-schema.js';
import type { HealthCheckConfig, ResolvedSidecarConfig } from '../config/schema.js';
import type { CheckedProcess } from './check.js';
import { Notices } from './notices.js';
import { Probe } from './probe.js';
import { canWatchSockets, watchSockets } from './socket-watch.js';

/**
 * While it starts: a hundredth of the time waited so far, within these bounds, in milliseconds. The shortest is for
 * each sidecar that starts at the same time: checking must not take the processor from those that start. Where it is
 * seen when a process opens a socket, that is when it is checked, and the rest is for the case that another does.
 */
const STARTUP_PERIOD = { fraction: 0.01, shortest: canWatchSockets ? 50 : 2, longest: 250 };

/** How many sidecars of this process are checked at start-up pace now. */
let starting = 0;

/**
 * Checks one incarnation again and again, at the pace that the chart sets, and reports each result. The start-up
 * check comes first; liveness and readiness are checked once it has passed, as in Kubernetes.
 */
export const healthActor = fromCallback<HealthCommand, IncarnationInput>(({ input, receive, sendBack }) => {
  const { config, generation } = input;
  const { startup, liveness, readiness, timeout } = config.healthCheck;
  const startedAt = performance.now();
  const notices = new Notices();
  let endpoint: Endpoint | null = input.endpoint;
  let pace: HealthPace = 'startup';
  let stopped = false;
  starting += 1;

  const probe = (
    check: CheckConfig,
    type: 'health.checked' | 'readiness.checked',
    period: (lastPassed: boolean) => number,
  ) => {
    const checked: CheckedProcess = { notices, ...input, endpoint };
    const report = (result: HealthReport) => {
      if (!stopped) sendBack({ type, generation, report: result });
    };
    return new Probe(check, { checked, timeout, period, report });
  };

  const period = (lastPassed: boolean) =>
    pace === 'startup'
      ? startupPeriod(performance.now() - startedAt)
      : livePeriod(pace, lastPassed, config.healthCheck);

  const firstCheck = startup ?? liveness ?? defaultCheck(config);
  const begin = () => {
    const first = probe(firstCheck, 'health.checked', period);
    void first.watch();
    return first;
  };

  let main = begin();
  const sockets = connects(firstCheck) ? watchSockets(input.pid, () => main.checkNow()) : null;
  let ready: Probe | null = null;

  /** From the start-up check to those that come after it, or to the same at another endpoint. */
  const goLive = () => {
    main.close();
    ready?.close();
    main = probe(liveness ?? defaultCheck(config), 'health.checked', period);
    if (readiness === undefined) return;
    ready = probe(readiness, 'readiness.checked', (lastPassed) =>
      lastPassed ? readiness.interval : Math.min(readiness.interval, config.healthCheck.retryInterval),
    );
    void ready.watch();
    ready.checkNow();
  };

  const setPace = (next: HealthPace) => {
    const isUp = pace === 'startup' && next !== 'startup';
    pace = next;
    if (isUp) {
      starting -= 1;
      // From now on each connection that somebody makes to it is a new socket of its own.
      sockets?.end();
      goLive();
    }
    main.schedule();
  };

  const moveTo = (next: Endpoint) => {
    endpoint = next;
    if (pace === 'startup') {
      main.close();
      main = begin();
    } else {
      goLive();
    }
    main.checkNow();
  };

  receive((command) => {
    switch (command.type) {
      case 'health.check':
        main.checkNow();
        ready?.checkNow();
        break;
      case 'health.hint':
        sockets?.lookNow();
        break;
      case 'health.pace':
        setPace(command.pace);
        break;
      case 'health.notice':
        notices.add(command.notice);
        break;
      case 'health.endpoint':
        moveTo(command.endpoint);
        break;
    }
  });

  // Before it has opened a socket, nobody can connect, and others that start need the processor.
  if (sockets !== null && connectsOnly(firstCheck)) main.schedule();
  else main.checkNow();

  return () => {
    stopped = true;
    sockets?.end();
    if (pace === 'startup') starting -= 1;
    main.close();
    ready?.close();
  };
});

/** Whether any of it asks what the sidecar listens on. */
function connects(check: CheckConfig): boolean {
  return partsOf(check).some(({ type }) => CONNECTING.has(type));
}

/** Whether all of it does. */
function connectsOnly(check: CheckConfig): boolean {
  return partsOf(check).every(({ type }) => CONNECTING.has(type));
}

function partsOf(check: CheckConfig): readonly SingleCheckConfig[] {
  return check.type === 'all' || check.type === 'any' ? check.checks : [check];
}

const CONNECTING: ReadonlySet<CheckConfig['type']> = new Set(['http', 'ipc', 'tcp', 'grpc']);

/** What is checked when nothing else is configured. */
function defaultCheck({ transport, healthCheck: { path } }: ResolvedSidecarConfig): CheckConfig {
  if (transport === 'direct') return { type: 'direct' };
  return { type: 'http', path, headers: {} };
}

function startupPeriod(waited: number): number {
  const { fraction, shortest, longest } = STARTUP_PERIOD;
  return Math.min(longest, Math.max(shortest * starting, waited * fraction));
}

function livePeriod(
  pace: HealthPace,
  lastPassed: boolean,
  { interval, retryInterval }: HealthCheckConfig,
): number {
  return pace === 'steady' && lastPassed ? interval : retryInterval;
}
