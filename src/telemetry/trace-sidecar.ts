import type { Tracer } from '@opentelemetry/api';
import type { Sidecar } from '../sidecar.js';
import { LifecycleSpans } from './lifecycle-spans.js';
import { loadOpenTelemetry } from './open-telemetry.js';
import { traceRequests } from './request-spans.js';

export interface TraceOptions {
  /** What makes the spans; by default the tracer `sidecar-machine` of the global provider. */
  readonly tracer?: Tracer;
}

/** A sidecar that is traced. */
export interface SidecarTracing extends Disposable {
  /** Ends it, and the spans that are open. */
  dispose(): void;
}

/**
 * Traces a sidecar until it is given up: the spans `sidecar start`, `sidecar restart` and, within them, `sidecar
 * compile`; and a client span, named by its method, around each `fetch()` and `request()`, whose context goes to the
 * sidecar in its headers (`traceparent`). Attributes follow the semantic conventions of OpenTelemetry.
 *
 * Without `@opentelemetry/api`, and without a provider, nothing happens.
 *
 * @throws {SidecarError} when the requests of the sidecar are traced, or wrapped otherwise, already.
 */
export function traceSidecar(sidecar: Sidecar, { tracer }: TraceOptions = {}): SidecarTracing {
  const api = loadOpenTelemetry();
  if (api === null) return { dispose() {}, [Symbol.dispose]() {} };
  const used = tracer ?? api.trace.getTracer('sidecar-machine');
  const unwrap = traceRequests(sidecar, used, api);
  const lifecycle = new LifecycleSpans(sidecar, used, api);
  const dispose = () => {
    forget();
    unwrap();
    lifecycle.close();
  };
  const forget = sidecar.onDispose(() => {
    unwrap();
    lifecycle.close();
  });
  return { dispose, [Symbol.dispose]: dispose };
}
