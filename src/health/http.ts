import { Client, type Dispatcher, errors } from 'undici';
import type { SingleCheckConfig } from '../config/check-schema.js';
import { connectOptions, originOf } from '../os/address.js';
import { watchFile } from '../os/file-watch.js';
import type { Check, CheckedProcess } from './check.js';
import { confirmListener } from './confirm-listener.js';
import { findStatusProblem, readBody, requireFields, requireMatch } from './http-answer.js';
import { atPort, requireEndpoint } from './listening-endpoint.js';
import { applyPermissions } from './permissions.js';

/** How much of a body that does not matter is read before it is cut off, in bytes. */
const MAX_IGNORED_BYTES = 16_384;

/** GETs a path, and looks at the answer. Redirects are not followed. Each request has a connection of its own. */
export function createHttpCheck(
  { path, status, body: pattern, json: fields, headers, port }: Extract<SingleCheckConfig, { type: 'http' }>,
  checked: CheckedProcess,
): Check {
  const endpoint = atPort(requireEndpoint(checked), port);
  const socketPath = endpoint.transport === 'ipc' ? endpoint.socketPath : null;
  const origin = originOf(endpoint);
  const client = new Client(origin, {
    // The deadline of the check is the only one.
    connect: { timeout: 0, ...connectOptions(endpoint) },
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  let lastBody: Dispatcher.ResponseData['body'] | null = null;
  let speaksHttp = false;
  const needsBody = pattern !== undefined || fields !== undefined;

  const check: Check = {
    name: socketPath === null ? `GET ${origin}${path}` : `GET ${path} over ${socketPath}`,
    async run(signal) {
      // A body that still drips from the last check must not hold this one up.
      lastBody?.destroy();
      if (socketPath !== null) applyPermissions(socketPath, checked.config.ipc.permissions);
      const { statusCode, body } = await client
        // A connection that the server closes while it is idle would fail the next check: use each only once.
        .request({ method: 'GET', path, headers, signal, reset: true })
        .catch((error: unknown) => {
          throw speaksHttp ? error : explainSilence(error, socketPath === null ? 'tcp' : 'ipc');
        });
      speaksHttp = true;
      lastBody = body;
      const letGo = () => {
        // Whoever keeps the body keeps the request, its connection and their buffers.
        if (lastBody === body) lastBody = null;
      };
      const problem = findStatusProblem(statusCode, status);
      if (problem !== null || !needsBody) {
        void discard(body, signal).finally(letGo);
        if (problem !== null) throw new Error(problem);
        return;
      }
      const content = await readBody(body).finally(letGo);
      if (pattern !== undefined) requireMatch(content, pattern);
      if (fields !== undefined) requireFields(content, fields);
    },
    ...(socketPath !== null && { watch: (changed: () => void) => watchFile(socketPath, changed) }),
    close() {
      lastBody?.destroy();
      // Between two checks it holds nothing, and destroying it would take longer than all else at the end.
      const { connected, size } = client.stats;
      if (connected || size > 0) void client.destroy();
    },
  };
  return confirmListener(check, endpoint, checked);
}

async function discard(body: Dispatcher.ResponseData['body'], signal: AbortSignal): Promise<void> {
  // Only the status counts: a body that breaks off, is too long, or comes too late is just cut off.
  await body.dump({ limit: MAX_IGNORED_BYTES, signal }).catch(() => body.destroy());
}

/** Something accepts, but never answered in HTTP so far: perhaps it speaks something else. */
function explainSilence(error: unknown, instead: 'tcp' | 'ipc'): unknown {
  if (!(error instanceof Error)) return error;
  const hint = `a program that does not speak HTTP is checked with healthCheck.liveness: { type: '${instead}' }`;
  if (error instanceof errors.HTTPParserError) {
    return new Error(`its answer is not HTTP (${error.message}); ${hint}`);
  }
  const isConnected = !('syscall' in error && error.syscall === 'connect');
  return instead === 'ipc' && isConnected ? new Error(`${error.message}; ${hint}`) : error;
}
