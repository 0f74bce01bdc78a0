import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';
import type { SingleCheckConfig } from '../config/check-schema.js';
import { originOf, requestOptions } from '../os/address.js';
import { watchFile } from '../os/file-watch.js';
import type { Check, CheckedProcess } from './check.js';
import { confirmListener } from './confirm-listener.js';
import { findStatusProblem, readBody, requireFields, requireMatch } from './http-answer.js';
import { atPort, requireEndpoint } from './listening-endpoint.js';
import { applyPermissions } from './permissions.js';

/** How much of a body that does not matter is read before it is cut off, in bytes. */
const MAX_IGNORED_BYTES = 16_384;

/** A connection that the server closes while it is idle would fail the next check, so each request has its own. */
const agent = new Agent({ keepAlive: false });

/** GETs a path, and looks at the answer. Redirects are not followed. */
export function createHttpCheck(
  { path, status, body: pattern, json: fields, headers, port }: Extract<SingleCheckConfig, { type: 'http' }>,
  checked: CheckedProcess,
): Check {
  const endpoint = atPort(requireEndpoint(checked), port);
  const socketPath = endpoint.transport === 'ipc' ? endpoint.socketPath : null;
  const options: RequestOptions = { ...requestOptions(endpoint), path, headers, agent };
  let lastAnswer: IncomingMessage | null = null;
  let speaksHttp = false;
  const needsBody = pattern !== undefined || fields !== undefined;

  const check: Check = {
    name: socketPath === null ? `GET ${originOf(endpoint)}${path}` : `GET ${path} over ${socketPath}`,
    async run(signal) {
      // A body that still drips from the last check must not hold this one up.
      lastAnswer?.destroy();
      if (socketPath !== null) applyPermissions(socketPath, checked.config.ipc.permissions);
      const answer = await get(options, signal).catch((error: unknown) => {
        throw speaksHttp ? error : explainSilence(error, socketPath === null ? 'tcp' : 'ipc');
      });
      speaksHttp = true;
      lastAnswer = answer;
      // Whoever keeps the answer keeps the request, its connection and their buffers.
      answer.once('close', () => {
        if (lastAnswer === answer) lastAnswer = null;
      });
      const problem = findStatusProblem(answer.statusCode ?? 0, status);
      if (problem !== null || !needsBody) {
        discard(answer);
        if (problem !== null) throw new Error(problem);
        return;
      }
      const content = await readBody(answer).catch((error: unknown) => {
        throw reasonOf(error, signal);
      });
      if (pattern !== undefined) requireMatch(content, pattern);
      if (fields !== undefined) requireFields(content, fields);
    },
    ...(socketPath !== null && { watch: (changed: () => void) => watchFile(socketPath, changed) }),
    close() {
      lastAnswer?.destroy();
    },
  };
  return confirmListener(check, endpoint, checked);
}

function get(options: RequestOptions, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request({ ...options, signal }, resolve)
      .on('error', (error) => reject(reasonOf(error, signal)))
      .end();
  });
}

/** What Node.js says of an aborted request is only that it is one. */
function reasonOf(error: unknown, signal: AbortSignal): unknown {
  return signal.aborted ? signal.reason : error;
}

/** Only the status counted: a body that breaks off, is too long, or comes too late is just cut off. */
function discard(answer: IncomingMessage): void {
  let left = MAX_IGNORED_BYTES;
  answer.on('error', () => {});
  answer.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) answer.destroy();
  });
}

/** Something accepts, but never answered in HTTP so far: perhaps it speaks something else. */
function explainSilence(error: unknown, instead: 'tcp' | 'ipc'): unknown {
  if (!(error instanceof Error)) return error;
  const hint = `a program that does not speak HTTP is checked with healthCheck.liveness: { type: '${instead}' }`;
  // Of the parser, llhttp.
  const isUnparsable = 'code' in error && /^HPE_(?!HEADER_OVERFLOW)/.test(String(error.code));
  if (isUnparsable) {
    return new Error(`its answer is not HTTP (${error.message}); ${hint}`);
  }
  const isConnected = !('syscall' in error && error.syscall === 'connect');
  return instead === 'ipc' && isConnected ? new Error(`${error.message}; ${hint}`) : error;
}
