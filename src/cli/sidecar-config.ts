import { parseConfig, type ResolvedSidecarConfig, SidecarConfigError } from '../index.js';
import { CliError, ExitCode } from './cli-error.js';
import { loadConfigFile } from './config-file.js';

export interface LoadedConfig {
  readonly path: string;
  readonly folder: string;
  readonly config: ResolvedSidecarConfig;
}

/**
 * Loads the configuration file and validates what it exports. The working directory becomes its folder, as paths in it
 * are relative to that.
 *
 * @param named the path that the user gave, if any
 * @throws {CliError} when there is none, or with everything that is wrong with it
 */
export async function loadSidecarConfig(named: string | undefined): Promise<LoadedConfig> {
  const { path, folder, value } = await loadConfigFile(named);
  process.chdir(folder);
  return { path, folder, config: parsed(path, value) };
}

function parsed(path: string, value: unknown): ResolvedSidecarConfig {
  try {
    return parseConfig(value);
  } catch (error) {
    if (!(error instanceof SidecarConfigError)) throw error;
    throw new CliError(`${path}: ${error.message}`, ExitCode.usage, { cause: error });
  }
}
