import { realpath } from 'node:fs/promises';
import type { ControlServer } from '../service/control-server.js';
import type { Service } from '../service/service.js';
import { CliError, ExitCode } from './cli-error.js';
import { hostAndPort } from './host-and-port.js';
import { packageVersion } from './version.js';

/**
 * Lets the other commands talk to a service. Where only that can't be, it runs without, and says so.
 *
 * @param path of the configuration file
 * @param address `host:port` to listen on besides
 * @throws {CliError} when the configuration is run already, or the address can't be listened on
 */
export async function openControlOf(
  service: Service,
  path: string,
  address: string | undefined,
): Promise<ControlServer | null> {
  const token = takeToken();
  const listen = address === undefined ? null : { ...hostAndPort(address), token };
  // Fastify and the routes are loaded by who runs a service only.
  const { openControl, ServiceRunningError } = await import('../service/control-server.js');
  const onFault = (error: unknown) => console.error('sidecar: a request of the control failed:', error);
  try {
    const control = await openControl(service, {
      config: await realpath(path),
      listen,
      version: packageVersion(),
      onFault,
    });
    if (control.tcpAddress !== null) {
      console.error(`sidecar: listening on ${control.tcpAddress}; the token is in ${control.tokenFile}`);
    }
    return control;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof ServiceRunningError || listen !== null) {
      throw new CliError(message, ExitCode.failed, { cause: error });
    }
    console.error(`sidecar: the other commands can't reach it: ${message}`);
    return null;
  }
}

/** Shorter ones can be guessed. */
const SHORTEST_TOKEN = 16;

/** Out of the environment: what is run inherits that, and must not be able to steer what runs it. */
function takeToken(): string | undefined {
  const token = process.env['SIDECAR_TOKEN'];
  delete process.env['SIDECAR_TOKEN'];
  if (token === undefined || (token.length >= SHORTEST_TOKEN && /^\S+$/.test(token))) return token;
  throw new CliError(`SIDECAR_TOKEN must have at least ${SHORTEST_TOKEN} characters, and no space`);
}
