import type { Sidecar } from '../sidecar.js';
import type { SidecarStatus } from '../sidecar-status.js';
import type { PlainAnswer } from './plain-answer.js';

/** What a health handler is asked. */
export interface SidecarHealthOptions {
  /**
   * - `readiness` (default): 200 when a request would be sent to the sidecar now, or would wake it (`lazy`,
   *   `idleTimeout`); 503 otherwise. For load balancers, and the readiness probes of Kubernetes.
   * - `liveness`: 503 only when the sidecar is stopped against its will, and nothing but a new start brings it back;
   *   200 also while it starts or restarts, which to restart this program would only delay. For liveness probes.
   */
  readonly kind?: 'liveness' | 'readiness' | undefined;
}

/** How a sidecar is, as JSON: name, state, and each check. Never rejects; as old as `healthCheck.cacheFor` allows. */
export async function healthAnswer(
  sidecar: Sidecar,
  { kind = 'readiness' }: SidecarHealthOptions,
): Promise<PlainAnswer> {
  const { isHealthy, isReady, ...health } = await sidecar.health();
  const status = sidecar.status();
  const isWell = kind === 'liveness' ? !isGivenUp(status) : isReady || isAsleep(status, sidecar.config.lazy);
  return {
    status: isWell ? 200 : 503,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify({
      name: status.name,
      state: health.state,
      reason: status.reason,
      healthy: isHealthy,
      ready: isReady,
      statusText: health.statusText,
      checks: health.checks,
      readinessChecks: health.readinessChecks,
    }),
  };
}

/** The first request starts it. */
function isAsleep({ state, since, reason }: SidecarStatus, isLazy: boolean): boolean {
  if (state !== 'stopped') return reason === 'idle';
  return reason === 'lazy' || reason === 'idle' || (isLazy && since === null);
}

/** It is stopped, and not because somebody wanted it to be. */
function isGivenUp({ state, reason }: SidecarStatus): boolean {
  if (state !== 'stopped' || reason === null) return false;
  return reason !== 'requested' && reason !== 'lazy' && reason !== 'idle';
}
