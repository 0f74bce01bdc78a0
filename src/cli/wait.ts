import { setTimeout as pause } from 'node:timers/promises';
import {
  type ServiceControl,
  type ServiceEvent,
  ServiceNotRunningError,
  type ServiceStatus,
} from '../control.js';
import { CliError, ExitCode } from './cli-error.js';
import { parseDuration } from './duration-text.js';
import { namesOf, type ServiceFlags, serviceOf, withService } from './running-service.js';

const CONDITIONS = ['running', 'ready', 'degraded', 'stopped'] as const;

export interface WaitFlags extends ServiceFlags {
  readonly for: string;
  readonly timeout: string;
}

/** Between two looks whether the service is there yet, in milliseconds: no event tells that. */
const LOOK_AGAIN = 100;

/** `sidecar wait`: ends once the sidecars are as they should be, or with 1 when they are not in time. */
export async function wait(names: readonly string[], flags: WaitFlags): Promise<void> {
  const condition = CONDITIONS.find((each) => each === flags.for);
  if (condition === undefined)
    throw new CliError(`--for takes ${CONDITIONS.join(', ')}, and not "${flags.for}"`);
  const signal = AbortSignal.timeout(parseDuration(flags.timeout));
  await withService(flags, async (control) => {
    try {
      await untilThere(control, signal);
      await untilAll(control, await namesOf(control, names), condition, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      const { what } = await serviceOf(flags);
      throw new CliError(
        `not ${condition} within ${flags.timeout}: ${await lacking(control, what)}`,
        ExitCode.failed,
      );
    }
  });
}

async function untilThere(control: ServiceControl, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await control.status({ signal });
      return;
    } catch (error) {
      if (!(error instanceof ServiceNotRunningError)) throw error;
      await pause(LOOK_AGAIN, undefined, { signal });
    }
  }
}

async function untilAll(
  control: ServiceControl,
  names: readonly string[],
  condition: (typeof CONDITIONS)[number],
  signal: AbortSignal,
): Promise<void> {
  const types = ['transition', 'ready', 'dropped'] as const;
  // Before it is looked at: what happens in between must not be missed.
  const events = await control.events({ types, signal });
  const look = async () => {
    const { sidecars } = await control.status({ signal });
    const meant = sidecars.filter(({ name }) => names.includes(name));
    return new Set(meant.filter((each) => !holds(each, condition)).map(({ name }) => name));
  };
  try {
    let missing = await look();
    if (missing.size === 0) return;
    for await (const event of events) {
      if (event.type === 'dropped') missing.clear();
      else if (event.sidecar !== null && mayHold(event, condition)) missing.delete(event.sidecar);
      // Not at each event: with hundreds of sidecars the service would do little else than answer.
      if (missing.size > 0) continue;
      missing = await look();
      if (missing.size === 0) return;
    }
  } finally {
    events.close();
  }
  throw new CliError('the service has ended', ExitCode.failed);
}

/** Whether a sidecar may have become as it should be. */
function mayHold(event: ServiceEvent, condition: (typeof CONDITIONS)[number]): boolean {
  if (event.type !== 'transition') return event.type === 'ready';
  return condition === 'ready' || event.record.to === condition;
}

function holds(
  { state, readiness }: ServiceStatus['sidecars'][number],
  condition: (typeof CONDITIONS)[number],
): boolean {
  if (condition === 'ready') return (state === 'running' || state === 'degraded') && readiness.isReady;
  return state === condition;
}

/** How it is instead. */
async function lacking(control: ServiceControl, what: string): Promise<string> {
  try {
    const { sidecars } = await control.status();
    return sidecars.map(({ name, state }) => `${name} is ${state}`).join(', ');
  } catch (error) {
    if (!(error instanceof ServiceNotRunningError)) throw error;
    return `no service of ${what} is running`;
  }
}
