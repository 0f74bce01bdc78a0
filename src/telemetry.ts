/**
 * OpenTelemetry spans of a sidecar, through `@opentelemetry/api`, an optional peer dependency. Without it, and without
 * a provider, nothing happens.
 */
export { type SidecarTracing, type TraceOptions, traceSidecar } from './telemetry/trace-sidecar.js';
