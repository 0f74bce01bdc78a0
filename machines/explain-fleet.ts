import { duration, explainCause, explainStop } from './explain.js';
import type { FleetEmitted, FleetStopReason } from './fleet.types.js';

/** What happened to a fleet, and why, in words. */
export function explainFleetEvent(event: FleetEmitted): string {
  switch (event.type) {
    case 'state':
      return `the fleet is ${event.state}`;
    case 'restart': {
      const others = event.restarted.filter((name) => name !== event.name);
      const along = others.length === 0 ? '' : `, which takes along: ${others.join(', ')}`;
      return `"${event.name}" is restarted${along}: ${explainCause(event.cause)}`;
    }
    case 'rolled':
      return `"${event.name}" was replaced`;
    case 'rollout-done':
      return `the rollout of "${event.sidecar}" is done`;
    case 'rollout-failed':
      return `the rollout of "${event.sidecar}" ended early: ${event.why}`;
    case 'adopted': {
      const replaced = event.replaced.length === 0 ? '' : `; replaced: ${event.replaced.join(', ')}`;
      return `another configuration was adopted${replaced}`;
    }
    case 'changed': {
      const failures = event.failures.map(
        ({ name, reason, cause }) => `"${name}" (${explainStop(reason, cause)})`,
      );
      if (failures.length === 0) return 'all that the new configuration starts is up';
      return `not all that the new configuration starts came up: ${failures.join(', ')}`;
    }
    case 'stopped':
      return `the fleet is stopped: ${explainFleetStop(event.reason)}`;
  }
}

/** Why a fleet is stopped, in words. */
export function explainFleetStop(reason: FleetStopReason): string {
  switch (reason.type) {
    case 'requested':
      return 'as requested';
    case 'emptied':
      return 'each of its sidecars has ended, or was stopped by itself';
    case 'intensity-exceeded': {
      const { name, cause, intensity, period } = reason;
      const most = `more than ${intensity} restarts in ${duration(period)}`;
      return `${most}, the last of "${name}": ${explainCause(cause)}`;
    }
    case 'sidecar-failed':
      return `"${reason.name}" can't be kept running: ${explainStop(reason.reason, reason.cause)}`;
  }
}
