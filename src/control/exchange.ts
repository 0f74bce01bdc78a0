import { type IncomingMessage, request } from 'node:http';
import { isRecord } from '../config/is-record.js';
import { errorCode } from '../os/error-code.js';
import { ControlError, ServiceNotRunningError } from './control-error.js';

/** Where a service listens. */
export type Target =
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number; readonly token: string };

export interface Question {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
  readonly signal: AbortSignal | undefined;
}

/** An answer that is longer is none of ours, in characters. */
const LONGEST_ANSWER = 64 * 1024 * 1024;

/**
 * Makes a request; resolves with the answer's header, once that is a good one.
 *
 * @throws {ServiceNotRunningError} when nobody listens
 * @throws {ControlError} with what the service says, or when the connection broke
 */
export async function exchange(target: Target, question: Question): Promise<IncomingMessage> {
  const response = await send(target, question);
  const { statusCode = 0 } = response;
  // That something is not ready is an answer like another.
  const isProblem = response.headers['content-type']?.startsWith('application/problem+json') === true;
  if (statusCode < 400 || !isProblem) return response;
  const problem: unknown = JSON.parse(await readText(response));
  const detail = isRecord(problem) ? problem['detail'] : undefined;
  throw new ControlError(typeof detail === 'string' ? detail : `it answered ${statusCode}`, statusCode);
}

export async function readText(response: IncomingMessage): Promise<string> {
  let text = '';
  response.setEncoding('utf8');
  for await (const chunk of response) {
    text += chunk;
    if (text.length > LONGEST_ANSWER) throw new ControlError('the answer is too long');
  }
  return text;
}

function send(target: Target, { method, path, body, signal }: Question): Promise<IncomingMessage> {
  const { token, ...place } = 'token' in target ? target : { ...target, token: undefined };
  return new Promise((resolve, reject) => {
    const headers = {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    const sent = request({ ...place, method, path, headers, agent: false, ...(signal && { signal }) });
    sent.on('response', resolve);
    sent.on('error', (error) => reject(signal?.aborted === true ? signal.reason : explained(error)));
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function explained(error: Error): ControlError {
  const code = errorCode(error);
  return code === 'ENOENT' || code === 'ECONNREFUSED'
    ? new ServiceNotRunningError('no service is running here', 0, { cause: error })
    : new ControlError(`the service did not answer: ${error.message}`, 0, { cause: error });
}
