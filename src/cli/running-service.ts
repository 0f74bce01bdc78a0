import { ControlError, ServiceControl, ServiceNotRunningError } from '../control.js';
import { CliError, ExitCode } from './cli-error.js';
import { configPathOf } from './config-file.js';
import { hostAndPort } from './host-and-port.js';

/** Which service a command is about. */
export interface ServiceFlags {
  readonly config?: string;
  /** `host:port` of one that listens there. */
  readonly connect?: string;
}

/** A service that may be running. */
export interface RunningService {
  readonly control: ServiceControl;
  /** What it is of, for messages. */
  readonly what: string;
}

/** @throws {CliError} when it can't be told which one is meant */
export async function serviceOf({ config, connect }: ServiceFlags): Promise<RunningService> {
  if (connect === undefined) {
    const path = await configPathOf(config);
    return { control: new ServiceControl({ config: path }), what: path };
  }
  const token = process.env['SIDECAR_TOKEN'];
  if (token === undefined) {
    throw new CliError('--connect takes the token of the service in the environment variable SIDECAR_TOKEN');
  }
  return { control: new ServiceControl({ ...hostAndPort(connect), token }), what: connect };
}

/** Does something with a running service; what goes wrong there is told in one sentence. */
export async function withService(
  flags: ServiceFlags,
  act: (control: ServiceControl) => Promise<void>,
): Promise<void> {
  const { control, what } = await serviceOf(flags);
  try {
    await act(control);
  } catch (error) {
    throw told(error, what);
  }
}

function told(error: unknown, what: string): unknown {
  const failed = (message: string) => new CliError(message, ExitCode.failed, { cause: error });
  if (error instanceof ServiceNotRunningError) {
    return failed(`no service of ${what} is running; start it with "sidecar run"`);
  }
  if (error instanceof ControlError) return failed(error.message);
  if (error instanceof Error && error.name === 'TimeoutError') {
    return failed(`the service of ${what} does not answer`);
  }
  return error;
}

/**
 * The names of the sidecars that are meant, in the order in which they run.
 *
 * @param names of sidecars, or of all instances of one; none for all
 * @throws {CliError} when there is no such one
 */
export async function namesOf(control: ServiceControl, names: readonly string[]): Promise<readonly string[]> {
  const { sidecars } = await control.status();
  const unknown = names.find((name) => !sidecars.some((each) => each.name === name || each.key === name));
  if (unknown !== undefined) {
    const all = sidecars.map(({ name }) => name).join(', ');
    throw new CliError(`there is no sidecar "${unknown}"; there are: ${all}`);
  }
  return sidecars
    .filter(({ name, key }) => names.length === 0 || names.includes(name) || names.includes(key))
    .map(({ name }) => name);
}
