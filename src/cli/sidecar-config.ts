import { isRecord } from '../config/is-record.js';
import {
  type FleetConfig,
  parseConfig,
  type ResolvedSidecarConfig,
  requireFleetConfig,
  SidecarConfigError,
} from '../index.js';
import { CliError, ExitCode } from './cli-error.js';
import { loadConfigFile } from './config-file.js';

interface FileOfConfig {
  readonly path: string;
  readonly folder: string;
}

export interface LoadedConfig extends FileOfConfig {
  readonly config: ResolvedSidecarConfig;
}

/** What a file configures: one sidecar, or several by name. */
export type LoadedAny =
  | (LoadedConfig & { readonly kind: 'sidecar' })
  | (FileOfConfig & { readonly kind: 'fleet'; readonly config: FleetConfig });

/**
 * Loads the configuration file and validates what it exports. The working directory becomes its folder, as paths in it
 * are relative to that.
 *
 * @param named the path that the user gave, if any
 * @throws {CliError} when there is none, or with everything that is wrong with it
 */
export async function loadAnyConfig(named: string | undefined): Promise<LoadedAny> {
  const { path, folder, value } = await loadConfigFile(named);
  process.chdir(folder);
  return withProblemsOf(path, (): LoadedAny => {
    if (!isRecord(value) || value['sidecars'] === undefined) {
      return { kind: 'sidecar', path, folder, config: parseConfig(value) };
    }
    requireFleetConfig(value);
    return { kind: 'fleet', path, folder, config: value };
  });
}

/** The same for a command that takes one sidecar. */
export async function loadSidecarConfig(named: string | undefined): Promise<LoadedConfig> {
  const loaded = await loadAnyConfig(named);
  if (loaded.kind === 'sidecar') return loaded;
  throw new CliError(`${loaded.path} configures a fleet, and this command takes one sidecar`);
}

function withProblemsOf<Value>(path: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof SidecarConfigError)) throw error;
    throw new CliError(`${path}: ${error.message}`, ExitCode.usage, { cause: error });
  }
}
