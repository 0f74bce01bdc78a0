import { createFleetChart } from '../machines/fleet.js';
import { createSidecarsActor } from './fleet/actor.js';
import type { Roster } from './fleet/roster.js';
import { now } from './os/clock.js';

/** The chart of a fleet with the real sidecars. */
export function createFleetMachine(roster: Roster) {
  return createFleetChart({ now, random: Math.random }).provide({
    actors: { sidecars: createSidecarsActor(roster) },
  });
}

export type FleetMachine = ReturnType<typeof createFleetMachine>;
