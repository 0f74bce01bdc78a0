import { extname } from 'node:path';
import type { ResolvedFleetSidecar } from './fleet-schema.js';
import type { ResolvedSidecarConfig } from './schema.js';
import { sealValidated } from './validated.js';

/** What the instances of a sidecar are called: as itself when there is one, else with their numbers from 1. */
export function instanceNames(sidecar: string, instances: number): readonly string[] {
  if (instances === 1) return [sidecar];
  return Array.from({ length: instances }, (_, index) => `${sidecar}-${index + 1}`);
}

/** The configuration of one instance: an ordinary one, with an address, a log file and a state directory of its own. */
export function instanceConfig(
  { dependsOn: _order, instances, ...sidecar }: ResolvedFleetSidecar,
  name: string,
  index: number,
): ResolvedSidecarConfig {
  if (instances === 1) return sealValidated({ name, lazy: false, ...sidecar });
  // The fleet watches for all of them: they are reloaded one after the other. Only the first one compiles.
  const { http, ipc, log, stateDirectory, compile, watch: _watched, ...others } = sidecar;
  const { port, ...listening } = http;
  const { socketPath, ...socket } = ipc;
  return sealValidated({
    name,
    lazy: false,
    http: { port: port === 0 ? 0 : port + index, ...listening },
    ipc: { socketPath: numbered(socketPath, index + 1), ...socket },
    stateDirectory: stateDirectory === null ? null : numbered(stateDirectory, index + 1),
    ...(log && { log: { ...log, file: numbered(log.file, index + 1) } }),
    ...(index === 0 && compile !== undefined && { compile }),
    ...others,
  });
}

/** `/tmp/api.sock` → `/tmp/api-2.sock` */
function numbered(path: string, number: number): string {
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}-${number}${extension}`;
}
