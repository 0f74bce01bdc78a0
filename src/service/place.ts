import { join } from 'node:path';
import { stateRoot } from '../config/state-location.js';
import { fingerprint } from '../os/fingerprint.js';

/** Where the service of a configuration file is found. It loads nothing: `sidecar status` must not wait. */
export interface ServicePlace {
  /** Of this user only. */
  readonly directory: string;
  /** A Unix socket; on Windows a named pipe. */
  readonly address: string;
  /** What a TCP address asks for. */
  readonly tokenFile: string;
}

/** Names in the folder. */
export const TOKEN_FILE = 'token';
const SOCKET = 'control.sock';

/** @param config the absolute path of the configuration file, with links resolved */
export function servicePlace(config: string): ServicePlace {
  const id = fingerprint(config).slice(0, 12);
  const directory = join(stateRoot(), `service-${id}`);
  const address =
    process.platform === 'win32' ? `\\\\.\\pipe\\sidecar-machine-service-${id}` : join(directory, SOCKET);
  return { directory, address, tokenFile: join(directory, TOKEN_FILE) };
}
