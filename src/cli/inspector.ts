import type { Fleet, Inspector, Sidecar, SidecarConfig } from '../index.js';
import { CliError, ExitCode } from './cli-error.js';
import { hostAndPort } from './host-and-port.js';

/** As it was typed: `--inspect`, `--inspect host:port`, `--no-inspect`, or nothing. */
export type InspectFlag = string | boolean | undefined;

type Inspect = SidecarConfig['inspect'];

/**
 * Whether a service is shown, and where. On a terminal it is, unless the configuration or the user says otherwise; elsewhere
 * only if they say so, because the address, which is a key to it, would be written into logs.
 */
export function inspectOf(configured: Inspect, flag: InspectFlag, isTerminal: boolean): Inspect {
  if (flag === false) return false;
  if (typeof flag === 'string') {
    const settings = typeof configured === 'object' ? configured : {};
    return { ...settings, ...hostAndPort(flag) };
  }
  if (flag === true) return configured || true;
  return configured ?? isTerminal;
}

/**
 * Opens the inspector of what is run, and says where it is. Where nobody asked for it, it is done without if need be.
 *
 * @throws {CliError} when it was asked for and can't be opened
 */
export async function showService(supervised: Sidecar | Fleet, flag: InspectFlag): Promise<Inspector | null> {
  try {
    const inspector = await supervised.inspector();
    if (inspector !== null) console.error(`sidecar: watch it at ${inspector.url}`);
    return inspector;
  } catch (error) {
    const message = `the inspector can't be opened: ${error instanceof Error ? error.message : String(error)}`;
    if (flag !== undefined) throw new CliError(message, ExitCode.failed, { cause: error });
    console.error(`sidecar: ${message}`);
    return null;
  }
}
