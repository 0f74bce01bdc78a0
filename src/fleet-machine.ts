import { createFleetChart } from '../machines/fleet.js';
import { createSidecarsActor } from './fleet/actor.js';
import { now } from './os/clock.js';
import type { Sidecar } from './sidecar.js';

/** The chart of a fleet with the real sidecars, by their names. */
export function createFleetMachine(sidecars: ReadonlyMap<string, Sidecar>) {
  return createFleetChart({ now, random: Math.random }).provide({
    actors: { sidecars: createSidecarsActor(sidecars) },
  });
}

export type FleetMachine = ReturnType<typeof createFleetMachine>;
