/**
 * Asks and steers a running `sidecar run`, as the commands `sidecar status` and its like do. It loads nothing but
 * `node:http`.
 *
 * ```ts
 * const service = new ServiceControl({ config: 'sidecar.config.ts' });
 * const { sidecars } = await service.status();
 * await service.restart('api');
 * ```
 */
export { ControlError, ServiceNotRunningError } from './control/control-error.js';
export { EventStream } from './control/event-stream.js';
export {
  type ControlOptions,
  type EventsOptions,
  type HistoryEntry,
  type RequestOptions,
  type RollingOptions,
  type SendableCommand,
  ServiceControl,
  type WhatIfQuestion,
} from './control/service-control.js';
export type { FleetHistoryEntry } from './service/fleet-history.js';
export type { RecentLine } from './service/recent-lines.js';
export type { ServiceStatus } from './service/service.js';
export type { ServiceEvent } from './service/service-event.js';
