import type { FleetConfig } from '../index.js';
import { CliError } from './cli-error.js';

/**
 * A fleet of these sidecars only, and what they depend on.
 *
 * @param names none for all
 * @throws {CliError} when there is no such one
 */
export function selectSidecars(config: FleetConfig, names: readonly string[]): FleetConfig {
  if (names.length === 0) return config;
  const wanted = new Set<string>();
  const queue = [...names];
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const sidecar = config.sidecars[name];
    if (sidecar === undefined) {
      throw new CliError(
        `there is no sidecar "${name}"; there are: ${Object.keys(config.sidecars).join(', ')}`,
      );
    }
    if (wanted.has(name)) continue;
    wanted.add(name);
    queue.push(...Object.keys(sidecar.dependsOn ?? {}));
  }
  const sidecars = Object.entries(config.sidecars).filter(([name]) => wanted.has(name));
  return { ...config, sidecars: Object.fromEntries(sidecars) };
}

/** @throws {CliError} when another one is named than that which is there */
export function requireNamed(present: string, names: readonly string[]): void {
  const other = names.find((name) => name !== present);
  if (other !== undefined) throw new CliError(`there is no sidecar "${other}"; there is: ${present}`);
}
