import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Dispatcher } from 'undici';
import type { Sidecar } from '../sidecar.js';
import {
  endToEndRequestHeaders,
  endToEndResponseHeaders,
  type HeaderList,
  withoutHeaders,
} from './end-to-end-headers.js';
import { withForwarded } from './forwarded.js';
import type { MountedPath } from './mounted-path.js';
import { sendAnswer } from './plain-answer.js';
import { DeadlineError, given, ProblemError, problemAnswer, problemOf } from './problem.js';
import type { ProxySettings } from './proxy-options.js';
import { bodyOf, isWaitedFor, type RequestBody } from './request-body.js';
import { StallTimer } from './stall-timer.js';

/** A request, where its answer goes, and what the sidecar is asked for. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly at: MountedPath;
}

/**
 * Sends a request on and its answer back. Never rejects: what goes wrong is answered; once the answer has begun the
 * connection is broken off, so that the client knows that it is not whole.
 */
export async function forwardRequest(
  sidecar: Sidecar,
  settings: ProxySettings,
  { request, response, at }: Exchange,
): Promise<void> {
  const giveUp = new AbortController();
  let body: RequestBody = { type: 'none' };
  const stall = new StallTimer(() => giveUp.abort(stalled()));
  const hangUp = () => giveUp.abort(new ClientGone());
  response.once('close', hangUp);
  try {
    if (response.destroyed) return;
    stall.start(settings.timeout);
    const path = sidecarPath(settings, request, at);
    body = bodyOf(request, settings, stall.moved);
    const answer = await sidecar.request({
      method: request.method ?? 'GET',
      path,
      headers: requestHeaders(settings, request, at, body),
      body: body.type === 'none' ? null : body.content,
      signal: giveUp.signal,
      // The one above is in their place: it begins before there is a connection.
      headersTimeout: 0,
      bodyTimeout: 0,
      onInfo: (info) => sendEarlyHints(request, response, info),
    });
    stall.start(settings.stallTimeout);
    await relay(answer, request, response, stall.moved);
  } catch (error) {
    fail(error);
  } finally {
    stall.stop();
    response.off('close', hangUp);
  }

  function stalled(): Error {
    const { timeout, stallTimeout } = settings;
    const { name } = sidecar.config;
    if (response.headersSent) {
      return new DeadlineError(
        `nothing of the answer of the sidecar "${name}" moved for ${stallTimeout} ms (stallTimeout)`,
      );
    }
    if (isWaitedFor(body, request)) {
      return new ProblemError(408, 'request', `nothing more of the body came for ${timeout} ms (timeout)`);
    }
    return noAnswer(sidecar, settings);
  }

  function fail(error: unknown): void {
    if (response.destroyed) return;
    if (response.headersSent) response.destroy();
    else sendAnswer(response, problemAnswer(problemOf(error, sidecar), sidecar, settings.explain));
    settings.onError(error instanceof Error ? error : new Error(String(error)), request);
  }
}

/** The sidecar did not answer in time. */
export function noAnswer({ config }: Sidecar, { timeout }: ProxySettings): DeadlineError {
  return new DeadlineError(`the sidecar "${config.name}" did not answer within ${timeout} ms (timeout)`);
}

/** Nobody waits for the answer any more. */
class ClientGone extends Error {
  override readonly name = 'ClientGone';
}

/** What the sidecar is asked for. */
export function sidecarPath(
  settings: ProxySettings,
  request: IncomingMessage,
  { path }: MountedPath,
): string {
  const rewritten = given('rewrite', () => settings.rewrite(path, request));
  if (rewritten.startsWith('/')) return rewritten;
  if (rewritten === path) throw new ProblemError(400, 'request', `"${path}" is not a path`);
  throw new ProblemError(500, 'set-up', `the option rewrite gave "${rewritten}", which must start with "/"`);
}

/** The fields that the sidecar is sent. */
export function requestHeaders(
  settings: ProxySettings,
  request: IncomingMessage,
  { mount }: MountedPath,
  body: RequestBody,
): HeaderList {
  const own = endToEndRequestHeaders(request);
  const { host } = request.headers;
  return withForwarded(
    [
      ...(body.type === 'anew' ? withoutHeaders(own, OF_THE_BODY_AS_IT_CAME) : own),
      ...(settings.preserveHost && host !== undefined ? ['host', host] : []),
    ],
    request,
    mount,
    settings.forwarded,
  );
}

const OF_THE_BODY_AS_IT_CAME = new Set(['content-encoding', 'content-length']);

async function relay(
  { statusCode, headers, body, trailers }: Dispatcher.ResponseData,
  request: IncomingMessage,
  response: ServerResponse,
  moved: () => void,
): Promise<void> {
  try {
    const fields = endToEndResponseHeaders(headers);
    response.statusCode = statusCode;
    for (const [name, value] of fields) response.setHeader(name, value);
    if (!canHaveTrailers(request, response)) response.removeHeader('trailer');
    // At once: an answer may begin long before its body does. `flushHeaders()` would write what is not ASCII anew, as UTF-8.
    response.write(Buffer.alloc(0));
  } catch (error) {
    body.on('error', () => {}).destroy();
    throw error;
  }
  body.on('data', moved);
  await pipeline(body, response, { end: false });
  if (canHaveTrailers(request, response)) response.addTrailers(Object.fromEntries(trailerFields(trailers)));
  response.end();
}

/** Only chunks can be followed by trailers (RFC 9112, 7.1.2). */
function canHaveTrailers({ method, httpVersion }: IncomingMessage, response: ServerResponse): boolean {
  if (httpVersion !== '1.1' || method === 'HEAD' || response.hasHeader('content-length')) return false;
  return response.statusCode !== 204 && response.statusCode !== 304;
}

function trailerFields(trailers: Dispatcher.ResponseData['trailers']): [string, string][] {
  return endToEndResponseHeaders(trailers).map(([name, value]) => [name, [value].flat().join(', ')]);
}

interface Info {
  readonly statusCode: number;
  readonly headers: Record<string, string | string[]>;
}

/** 103 is passed on; the other interim answers are about the connection, or out of use. */
function sendEarlyHints(
  { httpVersion }: IncomingMessage,
  response: ServerResponse,
  { statusCode, headers }: Info,
): void {
  const { link, ...others } = headers;
  if (statusCode !== 103 || link === undefined || httpVersion !== '1.1' || response.headersSent) return;
  try {
    response.writeEarlyHints({ link, ...Object.fromEntries(endToEndResponseHeaders(others)) });
  } catch {
    // A hint that Node.js can't write (it knows links of one form only) may be left out; the answer follows.
  }
}
