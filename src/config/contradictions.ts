import { checkParts, findCheckContradictions } from './check-contradictions.js';
import type { ConfigProblem } from './config-error.js';
import { isRecord } from './is-record.js';
import { findLibraryContradictions } from './library-contradictions.js';
import { orderedSettings, recoveryTime } from './ordered-settings.js';
import { findForeignTemplates, type Reach, reachOf } from './reach.js';
import { findResourceContradictions } from './resource-contradictions.js';
import { MAX_SOCKET_PATH_BYTES } from './transport-schema.js';

type Section = Readonly<Record<string, unknown>>;

/** A configuration with its defaults, of which any value may still be wrong. */
export interface PlainConfig {
  readonly transport: unknown;
  readonly endpoint: unknown;
  readonly ipc: Section;
  readonly direct: Section;
  readonly compile: Section;
  /** Null when nothing is watched. */
  readonly watch: Section | null;
  readonly process: Section;
  readonly resources: Section;
  readonly healthCheck: Section;
}

/**
 * Values that are right one by one and wrong together. Takes input that may still have other problems, so that
 * all of them are told at once; a value of the wrong type is passed over here, because the schema names it.
 */
export function findContradictions(config: PlainConfig): ConfigProblem[] {
  const reach = reachOf(config);
  return [
    ...findDisorder(config),
    ...findSlowRecovery(config.healthCheck),
    ...findResourceContradictions(config.resources),
    ...findHalfComparison(config.compile),
    ...findNothingToWatch(config.watch),
    ...findPipeConflict(config),
    // Without a known transport, nothing can be said about what goes with it.
    ...(reach === null ? [] : findReachContradictions(config, reach)),
  ];
}

function findReachContradictions(config: PlainConfig, reach: Reach): ConfigProblem[] {
  return [
    ...(config.transport === 'ipc' ? findLongSocketPath(config.ipc) : []),
    // Its arguments are filled in before it can announce anything.
    ...findForeignTemplates(
      reachOf({ ...config, endpoint: undefined }),
      config.process['args'],
      'process.args',
    ),
    ...findLibraryContradictions(config),
    ...findCheckContradictions(config.healthCheck, reach),
  ];
}

function findDisorder(config: PlainConfig): ConfigProblem[] {
  return orderedSettings.flatMap(({ section, smaller, larger, otherwise }) => {
    const [low, high] = [config[section][smaller], config[section][larger]];
    // With NaN, which the schema names, nothing is more than the other.
    if (typeof low !== 'number' || typeof high !== 'number' || !(low > high)) return [];
    const message = `${low} is more than ${section}.${larger} (${high}): ${otherwise}`;
    return [{ path: `${section}.${smaller}`, message }];
  });
}

function findSlowRecovery(healthCheck: Section): ConfigProblem[] {
  const { degradedTimeout, retryInterval, successThreshold } = healthCheck;
  const needed = recoveryTime(healthCheck);
  if (needed === null || typeof degradedTimeout !== 'number' || !(degradedTimeout < needed)) return [];
  const product = `retryInterval × successThreshold (${retryInterval} × ${successThreshold} = ${needed})`;
  const message = `${degradedTimeout} is less than ${product}: it would be restarted before it could recover`;
  return [{ path: 'healthCheck.degradedTimeout', message }];
}

function findHalfComparison({ inputs, outputs }: Section): ConfigProblem[] {
  if (!Array.isArray(inputs) || !Array.isArray(outputs)) return [];
  if ((inputs.length === 0) === (outputs.length === 0)) return [];
  const missing = inputs.length === 0 ? 'inputs' : 'outputs';
  const message =
    'is missing: a compilation is skipped by comparing inputs with outputs, so give both or neither';
  return [{ path: `compile.${missing}`, message }];
}

function findNothingToWatch(watch: Section | null): ConfigProblem[] {
  const paths = watch?.['paths'];
  if (!Array.isArray(paths) || paths.length > 0) return [];
  return [{ path: 'watch.paths', message: 'names nothing: give globs here, or in compile.inputs' }];
}

/** One variable can't name two pipes. */
function findPipeConflict({ endpoint, process, healthCheck }: PlainConfig): ConfigProblem[] {
  if (process['handoffVariable'] !== 'NOTIFY_FD') return [];
  const usesNotify =
    (isRecord(endpoint) && endpoint['from'] === 'notify') ||
    checkParts(healthCheck).some(({ check }) => check['type'] === 'notify');
  if (!usesNotify) return [];
  const message = 'is the variable of the notify descriptor already: choose another name';
  return [{ path: 'process.handoffVariable', message }];
}

function findLongSocketPath({ socketPath }: Section): ConfigProblem[] {
  if (typeof socketPath !== 'string') return [];
  const bytes = new TextEncoder().encode(socketPath).length;
  if (bytes <= MAX_SOCKET_PATH_BYTES) return [];
  const message = `is ${bytes} bytes long; a Unix socket path holds ${MAX_SOCKET_PATH_BYTES}, so choose a shorter folder`;
  return [{ path: 'ipc.socketPath', message }];
}
