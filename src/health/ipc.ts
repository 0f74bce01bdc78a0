import { watchFile } from '../os/file-watch.js';
import type { Check, CheckedProcess } from './check.js';
import { confirmListener } from './confirm-listener.js';
import { tryToConnect } from './connect.js';
import { requireEndpoint } from './listening-endpoint.js';
import { applyPermissions } from './permissions.js';

/** Connects to the socket, once it has the mode that it must have. */
export function createIpcCheck(checked: CheckedProcess): Check {
  const endpoint = requireEndpoint(checked);
  if (endpoint.transport !== 'ipc') throw new Error('it listens on a TCP port, not on a Unix socket');
  const { socketPath } = endpoint;
  const check: Check = {
    name: `connect to ${socketPath}`,
    async run(signal) {
      // Each time: a program may set a mode of its own after it has begun to listen.
      applyPermissions(socketPath, checked.config.ipc.permissions);
      await tryToConnect({ path: socketPath }, signal);
    },
    watch: (changed) => watchFile(socketPath, changed),
    close() {},
  };
  return confirmListener(check, endpoint, checked);
}
