import { createRequire } from 'node:module';
import type * as OpenTelemetry from '@opentelemetry/api';

/** What is used of `@opentelemetry/api`. Copies of that package share their providers. */
export type OpenTelemetryApi = typeof OpenTelemetry;

/** Loads `@opentelemetry/api`; null when it is not installed. */
export function loadOpenTelemetry(): OpenTelemetryApi | null {
  try {
    const api: OpenTelemetryApi = createRequire(import.meta.url)('@opentelemetry/api');
    return api;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}
