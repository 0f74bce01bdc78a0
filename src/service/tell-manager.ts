import type { Service, ServiceStatus } from './service.js';
import type { ServiceManager } from './service-manager.js';

/** How many are named in one line. */
const MOST_NAMED = 3;

/** Tells a service manager when all that is wanted runs, what does not, and when the service ends. */
export function tellManager(service: Service, manager: ServiceManager): void {
  let isReady = false;
  const tell = () => {
    const status = service.status();
    if (!isReady && isUp(status)) {
      isReady = true;
      manager.ready();
    }
    if (status.isStopping) manager.stopping();
    manager.status(statusLine(status));
  };
  service.listen(({ type }) => {
    if (type === 'transition' || type === 'fleet') tell();
  });
  tell();
}

/** Whether all that is wanted runs. What sleeps until it is needed, or was told to stop, is not wanted now. */
export function isUp({ fleet, sidecars, isStopping }: ServiceStatus): boolean {
  if (isStopping || (fleet !== null && fleet.state !== 'running')) return false;
  return sidecars.every((each) => isRunning(each) || !isWanted(each));
}

/** What a person wants to know at a glance: `2 of 3 running; api-2: restarting.backingOff`. */
export function statusLine({ sidecars }: ServiceStatus): string {
  const wanted = sidecars.filter(isWanted);
  const others = wanted.filter((each) => each.state !== 'running');
  const named = others.slice(0, MOST_NAMED).map(({ name, state }) => `${name}: ${state}`);
  if (others.length > MOST_NAMED) named.push(`and ${others.length - MOST_NAMED} more`);
  return [`${wanted.length - others.length} of ${wanted.length} running`, named.join(', ')]
    .filter((part) => part !== '')
    .join('; ');
}

type SidecarState = Pick<ServiceStatus['sidecars'][number], 'state' | 'reason'>;

function isRunning({ state }: SidecarState): boolean {
  return state === 'running' || state === 'degraded';
}

function isWanted({ state, reason }: SidecarState): boolean {
  return state !== 'stopped' || !(reason === 'requested' || reason === 'lazy' || reason === 'idle');
}
