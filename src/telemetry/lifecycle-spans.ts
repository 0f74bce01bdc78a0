import type { Context, Span, Tracer } from '@opentelemetry/api';
import { explainCause, explainTransition } from '../../machines/explain.js';
import type { CompileFailure, SidecarStateName } from '../../machines/sidecar.types.js';
import type { TransitionRecord } from '../../machines/transition-record.js';
import { now } from '../os/clock.js';
import type { Sidecar } from '../sidecar.js';
import type { OpenTelemetryApi } from './open-telemetry.js';

/** A span and the context that its children are made in. */
interface OpenSpan {
  readonly span: Span;
  readonly context: Context;
}

/** What is the end of a start or a restart that worked, or was not wanted any more. */
const NO_ERROR = new Set(['requested', 'idle', 'lazy']);

/** Makes spans of the transitions of a sidecar: from stopped, or from serving, until it serves again or is stopped. */
export class LifecycleSpans {
  readonly #sidecar: Sidecar;
  readonly #tracer: Tracer;
  readonly #api: OpenTelemetryApi;
  readonly #subscriptions: readonly (() => void)[];
  /** The start or restart under way. */
  #change: OpenSpan | null = null;
  #compile: Span | null = null;

  constructor(sidecar: Sidecar, tracer: Tracer, api: OpenTelemetryApi) {
    this.#sidecar = sidecar;
    this.#tracer = tracer;
    this.#api = api;
    this.#subscriptions = [
      sidecar.on('transition', ({ record }) => this.#enter(record)),
      sidecar.on('compiled', ({ outcome }) => this.#endCompile(outcome)),
      sidecar.on('compile-failed', ({ failure }) => this.#failCompile(failure)),
      sidecar.on('spawned', ({ pid, generation }) => {
        this.#change?.span.setAttributes({ 'process.pid': pid, 'sidecar.generation': generation });
      }),
      sidecar.on('restart-scheduled', ({ attempt, delay, cause }) => {
        this.#change?.span.setAttributes({
          'sidecar.restart.attempt': attempt,
          'sidecar.restart.delay_ms': delay,
          'sidecar.restart.cause': cause.type,
        });
      }),
    ];
  }

  close(): void {
    for (const end of this.#subscriptions) end();
    this.#endCompile('aborted');
    this.#change?.span.end(now());
    this.#change = null;
  }

  #enter(record: TransitionRecord): void {
    const { to } = record;
    // Whatever ends a compilation otherwise has told so before.
    this.#endCompile('aborted');
    this.#change ??= this.#begin(record);
    this.#change?.span.addEvent(to, { 'sidecar.cause': explainTransition(record) }, record.time);
    if (to === 'compiling' || to === 'restarting.recompiling') this.#beginCompile(record.time);
    if (to === 'running' || to === 'degraded') this.#serves(record);
    if (to === 'stopped') this.#isStopped(record);
  }

  #begin(record: TransitionRecord): OpenSpan | null {
    const name = changeName(record);
    if (name === null) return null;
    const { context, trace, ROOT_CONTEXT } = this.#api;
    // What happens by itself does not belong to the request in which the process once was started.
    const parent = isAskedFor(record) ? context.active() : ROOT_CONTEXT;
    const attributes = { 'sidecar.name': this.#sidecar.config.name };
    const span = this.#tracer.startSpan(name, { startTime: record.time, attributes }, parent);
    return { span, context: trace.setSpan(parent, span) };
  }

  #beginCompile(time: number): void {
    const { name, compile } = this.#sidecar.config;
    if (compile === undefined || this.#change === null) return;
    const attributes = { 'sidecar.name': name };
    const options = { startTime: time, attributes };
    this.#compile = this.#tracer.startSpan('sidecar compile', options, this.#change.context);
  }

  #endCompile(outcome: string): void {
    this.#compile?.setAttribute('sidecar.compile.outcome', outcome);
    this.#compile?.end(now());
    this.#compile = null;
  }

  #failCompile({ kind, message, exitCode }: CompileFailure): void {
    if (this.#compile === null) return;
    this.#fail(this.#compile, kind, message);
    if (exitCode !== null) this.#compile.setAttribute('process.exit.code', exitCode);
    this.#endCompile('failed');
  }

  #serves({ time, cause }: TransitionRecord): void {
    // The old process serves on, as the new one could not be made.
    if (cause.type === 'compile-failed') this.#failChange('compile-failed', explainCause(cause));
    this.#endChange(time);
  }

  #isStopped({ time, decision }: TransitionRecord): void {
    if (decision?.type === 'stop') {
      const { reason, trouble } = decision;
      this.#change?.span.setAttribute('sidecar.stop_reason', reason);
      if (!NO_ERROR.has(reason)) this.#failChange(reason, trouble === null ? reason : explainCause(trouble));
    }
    this.#endChange(time);
  }

  #endChange(time: number): void {
    this.#change?.span.end(time);
    this.#change = null;
  }

  #failChange(type: string, message: string): void {
    if (this.#change !== null) this.#fail(this.#change.span, type, message);
  }

  #fail(span: Span, type: string, message: string): void {
    span.setAttribute('error.type', type);
    span.setStatus({ code: this.#api.SpanStatusCode.ERROR, message });
  }
}

/** What begins with this transition; null for one within a life, and for the way to its end. */
function changeName({ from, to }: TransitionRecord): 'sidecar start' | 'sidecar restart' | null {
  if (isUp(to) || to === 'stopped' || to.startsWith('stopping')) return null;
  return from === null || from === 'stopped' ? 'sidecar start' : 'sidecar restart';
}

function isUp(state: SidecarStateName): boolean {
  return state === 'running' || state === 'degraded';
}

function isAskedFor({ cause }: TransitionRecord): boolean {
  return cause.type === 'created' || cause.type === 'command' || cause.type === 'requested';
}
