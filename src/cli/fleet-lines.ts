import { explainFleetStop, explainStop, type FleetEmitted } from '../index.js';
import { colors } from './colors.js';
import { linePrefix } from './event-lines.js';

/** What `sidecar run` prints of an event of the fleet: what its sidecars do not tell themselves. */
export function fleetLines(event: FleetEmitted, time: number, width: number): readonly string[] {
  const prefix = linePrefix('fleet', time, width);
  switch (event.type) {
    case 'restart':
      if (event.restarted.length < 2) return [];
      return [`${prefix}  ${colors.yellow(`${event.name} takes along: ${event.restarted.join(', ')}`)}`];
    case 'stopped':
      return [`${prefix}  stopped: ${explainFleetStop(event.reason)}`];
    case 'changed':
      if (event.failures.length === 0) return [`${prefix}  the configuration was changed`];
      return event.failures.map(
        ({ name, reason, cause }) =>
          `${prefix}  ${colors.red(`${name} did not come up: ${explainStop(reason, cause)}`)}`,
      );
    case 'rolled':
      return [`${prefix}  ${event.name} was replaced`];
    case 'rollout-done':
      return [`${prefix}  the rollout of ${event.sidecar} is done`];
    case 'rollout-failed':
      return [`${prefix}  ${colors.red(`the rollout of ${event.sidecar} ended early: ${event.why}`)}`];
    default:
      return [];
  }
}
