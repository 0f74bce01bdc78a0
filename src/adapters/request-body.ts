import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { given, ProblemError } from './problem.js';
import type { ProxySettings } from './proxy-options.js';

/** What is sent as the body of a request. */
export type RequestBody =
  | { readonly type: 'none' }
  | { readonly type: 'stream'; readonly content: PassThrough }
  /** It was read and is sent anew, so what the client said of its length and coding does not hold. */
  | { readonly type: 'anew'; readonly content: string | Uint8Array };

/**
 * The body of a request, as it comes.
 *
 * @throws {ProblemError} when a body parser has read it, and nothing says what to send, or it is coded for this
 *   connection
 */
export function bodyOf(
  request: IncomingMessage,
  { parsedBody }: ProxySettings,
  moved: () => void,
): RequestBody {
  if (!hasBody(request)) return { type: 'none' };
  if (!request.readableDidRead) return { type: 'stream', content: stream(request, moved) };
  if (parsedBody !== null) return { type: 'anew', content: given('parsedBody', () => parsedBody(request)) };
  throw new ProblemError(
    500,
    'set-up',
    'the body of this request was read before it came to the sidecar’s proxy: mount the proxy before body parsers, or give it the option parsedBody',
  );
}

/** RFC 9112, 6.3. */
function hasBody({ headers }: IncomingMessage): boolean {
  const coding = headers['transfer-encoding']?.trim().toLowerCase();
  if (coding === undefined) return Number(headers['content-length'] ?? 0) > 0;
  if (coding === 'chunked') return true;
  throw new ProblemError(501, 'request', `the transfer coding "${coding}" is not supported`);
}

/** Whether it is the client that sends nothing, and not the sidecar that takes nothing. */
export function isWaitedFor(body: RequestBody, { complete }: IncomingMessage): boolean {
  return body.type === 'stream' && !complete && !body.content.writableNeedDrain;
}

/** A stream of its own: undici destroys what it can't send on, and a destroyed request is never read to its end. */
function stream(request: IncomingMessage, moved: () => void): PassThrough {
  const content = new PassThrough();
  request.pipe(content);
  request.on('data', moved);
  // Whoever sends it is told of the error. Here the rest is let go, so that the client comes to read the answer.
  content.on('error', () => {});
  content.once('close', () => {
    request.off('data', moved);
    request.unpipe(content);
    request.resume();
  });
  return content;
}
