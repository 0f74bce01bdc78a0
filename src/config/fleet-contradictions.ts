import type { ConfigProblem } from './config-error.js';
import { instanceNames } from './fleet-instances.js';
import type { ResolvedFleetSidecar } from './fleet-schema.js';
import type { ResolvedSidecarConfig } from './schema.js';

/** One process of a fleet, as far as it can be in the way of another. */
interface Placed {
  readonly name: string;
  /** The sidecar that it is an instance of. */
  readonly sidecar: string;
  readonly config: ResolvedSidecarConfig;
}

/** What instances can't share. */
export function findInstanceProblems(name: string, sidecar: ResolvedFleetSidecar): ConfigProblem[] {
  if (sidecar.instances === 1) return [];
  const path = `sidecars.${name}`;
  if (sidecar.transport === 'direct') {
    const message = 'must be 1 with the transport "direct": a shared library is loaded once';
    return [{ path: `${path}.instances`, message }];
  }
  const last = sidecar.http.port + sidecar.instances - 1;
  const shared = 'is one file for all of the instances: announce it by the output or by notify';
  return [
    ...(sidecar.http.port !== 0 && last > 65_535
      ? [
          {
            path: `${path}.http.port`,
            message: `leaves no port for each instance: the last would be ${last}`,
          },
        ]
      : []),
    ...(sidecar.endpoint?.from === 'file' ? [{ path: `${path}.endpoint.path`, message: shared }] : []),
  ];
}

/** Two of the same name, as when one is called like an instance of another. */
export function findEqualNames(instances: ReadonlyMap<string, number>): ConfigProblem[] {
  const taken = new Map<string, string>();
  return [...instances].flatMap(([sidecar, count]) =>
    instanceNames(sidecar, count).flatMap((name) => {
      const other = taken.get(name);
      taken.set(name, sidecar);
      if (other === undefined) return [];
      return [{ path: `sidecars.${sidecar}`, message: `has an instance "${name}", as "${other}" has` }];
    }),
  );
}

/** Two that want the same port, socket or log file. */
export function findSharedPlaces(members: readonly Placed[]): ConfigProblem[] {
  const holders = new Map<string, Placed>();
  const problems = new Map<string, ConfigProblem>();
  for (const member of members) {
    for (const { key, place, remedy } of placesOf(member.config)) {
      const other = holders.get(place);
      holders.set(place, member);
      if (other === undefined) continue;
      const path = `sidecars.${member.sidecar}.${key}`;
      problems.set(path, { path, message: `is that of "${other.name}" too (${place}): ${remedy}` });
    }
  }
  return [...problems.values()];
}

function placesOf({ transport, http, ipc, log, endpoint }: ResolvedSidecarConfig) {
  const isChosen = endpoint === undefined;
  return [
    ...(isChosen && transport === 'http' && http.port !== 0
      ? [{ key: 'http.port', place: `port ${http.port}`, remedy: 'give each its own, or 0' }]
      : []),
    ...(isChosen && transport === 'ipc'
      ? [{ key: 'ipc.socketPath', place: ipc.socketPath, remedy: 'give each its own' }]
      : []),
    ...(log === undefined ? [] : [{ key: 'log.file', place: log.file, remedy: 'give each its own' }]),
  ];
}
