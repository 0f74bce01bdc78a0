import { context, propagation, type SpanContext, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { traceSidecar } from '../../src/telemetry.js';
import { compilerConfig } from '../support/compile-config.js';
import { echoConfig, echoOverSocket } from '../support/echo-config.js';
import { rejection } from '../support/outcome.js';
import { watch } from '../support/watched-sidecar.js';

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
});

afterAll(() => {
  context.disable();
  propagation.disable();
});

function recorder() {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  return {
    tracer: provider.getTracer('test'),
    spans: (name?: string) =>
      exporter.getFinishedSpans().filter((span) => name === undefined || span.name === name),
  };
}

const about = z.object({ headers: z.record(z.string(), z.string()), url: z.string() });

function parentOf(span: ReadableSpan | undefined): string | undefined {
  return span?.parentSpanContext?.spanId;
}

function idOf(span: ReadableSpan | undefined): SpanContext | undefined {
  return span?.spanContext();
}

describe('the life of a sidecar', () => {
  it('is traced: start with its compilation, restart with its cause', async () => {
    const { tracer, spans } = recorder();
    const watched = watch(compilerConfig([], {}, { name: 'traced' }));
    traceSidecar(watched.sidecar, { tracer });
    const host = tracer.startSpan('host');
    await context.with(trace.setSpan(context.active(), host), () => watched.sidecar.start());
    host.end();
    const [start] = spans('sidecar start');
    const [compile] = spans('sidecar compile');
    expect(start?.attributes).toMatchObject({
      'sidecar.name': 'traced',
      'sidecar.generation': 1,
      'process.pid': watched.pid,
    });
    expect(start?.status.code).toBe(SpanStatusCode.UNSET);
    expect(start?.events.map(({ name }) => name)).toEqual([
      ...['compiling', 'spawning', 'waitingHealthy', 'running'],
    ]);
    expect(parentOf(start)).toBe(host.spanContext().spanId);
    expect(parentOf(compile)).toBe(idOf(start)?.spanId);
    expect(compile?.attributes).toMatchObject({ 'sidecar.compile.outcome': 'compiled' });

    await watched.next('healthy');
    process.kill(watched.pid, 'SIGKILL');
    await watched.next('healthy');
    await expect.poll(() => spans('sidecar restart').length).toBe(1);
    const [restart] = spans('sidecar restart');
    expect(restart?.attributes).toMatchObject({
      'sidecar.restart.attempt': 1,
      'sidecar.restart.cause': 'exited',
      'sidecar.generation': 2,
      'process.pid': watched.pid,
    });
    // It has nothing to do with who once started it.
    expect(parentOf(restart)).toBeUndefined();
    expect(idOf(restart)?.traceId).not.toBe(idOf(start)?.traceId);
    await watched.stopsCleanly();
    expect(spans()).toHaveLength(4);
  });

  it('says why a start failed', async () => {
    const { tracer, spans } = recorder();
    const watched = watch(compilerConfig(['--exitCode=3']));
    traceSidecar(watched.sidecar, { tracer });
    await rejection(watched.sidecar.start());
    const [compile, start] = [spans('sidecar compile')[0], spans('sidecar start')[0]];
    expect(compile?.attributes).toMatchObject({ 'error.type': 'failed', 'process.exit.code': 3 });
    expect(start?.attributes).toMatchObject({ 'error.type': 'compile-failed' });
    expect(start?.status).toMatchObject({
      code: SpanStatusCode.ERROR,
      message: expect.stringContaining('exited with code 3'),
    });
  });

  it('has no open span left when it is given up in the middle', async () => {
    const { tracer, spans } = recorder();
    const watched = watch(echoConfig({ process: { args: ['-e', 'setInterval(() => {}, 1000)'] } }));
    traceSidecar(watched.sidecar, { tracer });
    watched.start();
    await watched.entered('waitingHealthy');
    await watched.sidecar[Symbol.asyncDispose]();
    expect(spans('sidecar start')[0]?.attributes).toMatchObject({ 'sidecar.stop_reason': 'requested' });
    expect(spans()).toHaveLength(1);
  });
});

describe('a request', () => {
  it('is a client span, and the sidecar is told of it', async () => {
    const { tracer, spans } = recorder();
    const watched = await watch(echoConfig({ name: 'echo' })).run();
    traceSidecar(watched.sidecar, { tracer });
    const host = tracer.startSpan('host');
    const active = trace.setSpan(context.active(), host);
    const send = async () => {
      const fetched = await watched.sidecar.fetch('/about?token=abc&page=2', {
        headers: { 'x-mine': 'yes' },
      });
      const requested = await watched.sidecar.request({ path: '/about', headers: ['X-Mine', 'yes'] });
      return [about.parse(await fetched.json()), about.parse(await requested.body.json())];
    };
    const answers = await context.with(active, send);
    const made = spans('GET');
    expect(made).toHaveLength(2);
    for (const [index, span] of made.entries()) {
      expect(span.kind).toBe(SpanKind.CLIENT);
      expect(parentOf(span)).toBe(host.spanContext().spanId);
      const { traceId, spanId } = span.spanContext();
      expect(answers[index]?.headers).toMatchObject({
        traceparent: `00-${traceId}-${spanId}-01`,
        'x-mine': 'yes',
      });
    }
    const [, , port] = watched.origin.split(':');
    expect(made[0]?.attributes).toEqual({
      'sidecar.name': 'echo',
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'server.address': '127.0.0.1',
      'server.port': Number(port),
      'url.full': `${watched.origin}/about?token=[redacted]&page=2`,
    });
    // What it was asked for is not redacted.
    expect(answers[0]?.url).toBe('/about?token=abc&page=2');
  });

  it('that fails says how', async () => {
    const { tracer, spans } = recorder();
    const watched = await watch(await echoOverSocket()).run();
    traceSidecar(watched.sidecar, { tracer });
    await (await watched.sidecar.fetch('/status?code=503')).text();
    await rejection(watched.sidecar.fetch('/crash', { method: 'POST' }));
    await watched.next('healthy');
    await watched.stopsCleanly();
    await rejection(watched.sidecar.request({ path: '/about' }));
    const [answered, died, refused] = spans().filter(({ kind }) => kind === SpanKind.CLIENT);
    expect(answered?.attributes).toMatchObject({
      'http.response.status_code': 503,
      'error.type': '503',
      'network.transport': 'unix',
    });
    expect(died).toMatchObject({
      name: 'POST',
      attributes: { 'error.type': 'SidecarDiedError' },
      status: { code: SpanStatusCode.ERROR, message: expect.stringContaining('exited with code 3') },
    });
    expect(died?.events[0]?.name).toBe('exception');
    expect(refused?.attributes).toMatchObject({
      'error.type': 'SidecarUnavailableError',
      'sidecar.unavailable': 'stopped',
    });
  });

  it('is traced once, until that is ended; without a provider nothing happens', async () => {
    const { tracer, spans } = recorder();
    const watched = await watch(echoConfig({ name: 'once' })).run();
    const tracing = traceSidecar(watched.sidecar, { tracer });
    const again = 'The requests of the sidecar "once" are wrapped already';
    expect(() => traceSidecar(watched.sidecar, { tracer })).toThrow(again);
    tracing.dispose();
    await (await watched.sidecar.fetch('/about')).text();
    expect(spans()).toEqual([]);
    // The tracer of the global provider, of which there is none.
    using _none = traceSidecar(watched.sidecar);
    const answer = await watched.sidecar.fetch('/about');
    expect(about.parse(await answer.json()).headers).not.toHaveProperty('traceparent');
  });
});
