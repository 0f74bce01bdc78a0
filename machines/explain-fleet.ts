import { duration, explainCause, explainStop } from './explain.js';
import type { FleetStopReason } from './fleet.types.js';

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
