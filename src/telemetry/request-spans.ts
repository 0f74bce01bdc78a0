import type { Attributes, Span, Tracer } from '@opentelemetry/api';
import type { WrappedRequest } from '../client/wrapped-request.js';
import { redactText } from '../redact/redact.js';
import type { Sidecar } from '../sidecar.js';
import type { OpenTelemetryApi } from './open-telemetry.js';

/** Other methods are `_OTHER`: a client may make up as many as it likes. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']);

/**
 * Makes a client span around each request, from the call until the headers of its answer, waiting and a retry
 * included, as the semantic conventions for HTTP have it.
 */
export function traceRequests(sidecar: Sidecar, tracer: Tracer, api: OpenTelemetryApi): () => void {
  const { context, propagation, trace, SpanKind } = api;
  return sidecar.wrapRequests(async (request, send) => {
    const span = tracer.startSpan(spanName(request), { kind: SpanKind.CLIENT });
    const active = trace.setSpan(context.active(), span);
    const headers: Record<string, string> = {};
    propagation.inject(active, headers);
    try {
      const answer = await context.with(active, () => send(headers));
      noteAnswer(span, answer, api);
      return answer;
    } catch (error) {
      noteError(span, error, api);
      throw error;
    } finally {
      // Only now it is known where it went: it may have waited for the next process.
      if (span.isRecording()) span.setAttributes(attributesOf(sidecar, request));
      span.end();
    }
  });
}

function spanName({ method }: WrappedRequest): string {
  return METHODS.has(method) ? method : 'HTTP';
}

function attributesOf({ config, endpoint }: Sidecar, { method, path }: WrappedRequest): Attributes {
  const shownPath = redactText(path, { names: config.redact, values: [] });
  const known = METHODS.has(method);
  return {
    'sidecar.name': config.name,
    'http.request.method': known ? method : '_OTHER',
    ...(known ? {} : { 'http.request.method_original': method }),
    ...addressOf(endpoint, shownPath),
  };
}

function addressOf(endpoint: Sidecar['endpoint'], path: string): Attributes {
  switch (endpoint?.transport) {
    case 'http': {
      const { host, port } = endpoint;
      const origin = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
      return { 'server.address': host, 'server.port': port, 'url.full': `${origin}${path}` };
    }
    case 'ipc':
      return {
        'server.address': endpoint.socketPath,
        'network.transport': 'unix',
        'url.full': `http://localhost${path}`,
      };
    default:
      return { 'url.full': `http://localhost${path}` };
  }
}

function noteAnswer(span: Span, answer: object, { SpanStatusCode }: OpenTelemetryApi): void {
  const status = 'statusCode' in answer ? answer.statusCode : 'status' in answer ? answer.status : undefined;
  if (typeof status !== 'number') return;
  span.setAttribute('http.response.status_code', status);
  if (status < 400) return;
  span.setAttribute('error.type', String(status));
  span.setStatus({ code: SpanStatusCode.ERROR });
}

function noteError(span: Span, error: unknown, { SpanStatusCode }: OpenTelemetryApi): void {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  span.setAttribute('error.type', name);
  if (error instanceof Error && 'kind' in error) span.setAttribute('sidecar.unavailable', String(error.kind));
  span.recordException({ name, message });
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}
