import { tmpdir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * The state directory of a configuration, as far as it was written. What has a name of its own is told apart by it;
 * without one, nothing would tell which of several sidecars the state belongs to, so that there is none.
 *
 * @returns null for none, or whatever was set, for the schema to complain about
 */
export function stateLocation({ name, stateDirectory }: Readonly<Record<string, unknown>>): unknown {
  if (stateDirectory !== undefined) return stateDirectory;
  return typeof name === 'string' ? join(stateRoot(), name) : null;
}

/** Of this user, gone after a reboot, as what is kept there is about processes. */
export function stateRoot(): string {
  const runtime = process.env['XDG_RUNTIME_DIR'];
  if (runtime !== undefined && isAbsolute(runtime)) return join(runtime, 'sidecar-machine');
  const owner = process.getuid?.() ?? userInfo().username;
  return join(tmpdir(), `sidecar-machine-${owner}`);
}
