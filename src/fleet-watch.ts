import type { FleetEmitted } from '../machines/fleet.types.js';
import type { WatchedSidecar } from './config/resolve-fleet.js';
import { watchSources } from './watch/source-watcher.js';

/** A fleet, as far as its sidecars with several instances are reloaded. */
export interface RolledFleet {
  /** What is watched, by the keys of the sidecars; asked again when the configuration is another. */
  readonly watched: () => Readonly<Record<string, WatchedSidecar>>;
  readonly on: (listener: (event: FleetEmitted) => void) => void;
  /** Whether a rollout could begin now. */
  readonly mayRoll: () => boolean;
  /** Reloads all instances, one after the other. */
  readonly roll: (sidecar: string) => void;
  readonly warn: (sidecar: string, error: string) => void;
}

/**
 * Rolls a reload through all instances of a sidecar when its sources change, from the first start of the fleet on. One
 * that is under way is finished first.
 *
 * @returns what ends it
 */
export function rollOnSave({ watched, on, mayRoll, roll, warn }: RolledFleet): () => void {
  const owed = new Set<string>();
  let ends: readonly (() => void)[] | null = null;

  const rollNext = () => {
    const [next] = owed;
    if (next === undefined || !mayRoll()) return;
    owed.delete(next);
    roll(next);
  };
  const begin = () => {
    ends = Object.entries(watched()).map(([sidecar, each]) =>
      watchSources(each, {
        changed: () => {
          owed.add(sidecar);
          rollNext();
        },
        failed: (error) => warn(sidecar, error),
      }),
    );
  };
  const end = () => {
    for (const each of ends ?? []) each();
    ends = null;
    owed.clear();
  };

  on((event) => {
    if (event.type === 'state' && event.state === 'starting') {
      if (ends === null) begin();
    } else if (event.type === 'stopped') {
      // Whatever starts it again compiles.
      end();
    } else if (event.type === 'adopted' && ends !== null) {
      end();
      begin();
    } else rollNext();
  });
  return end;
}
