/**
 * The statechart alone, without actors: for a browser, a simulated clock, or actors of your own (`provide` them).
 *
 * ```ts
 * const chart = createSidecarChart({ resolveConfig, now: Date.now, random: Math.random });
 * ```
 */
export { createFleetChart } from '../machines/fleet.js';
export type { FleetChartSources } from '../machines/fleet.setup.js';
export type * from '../machines/fleet.types.js';
export { createSidecarChart } from '../machines/sidecar.js';
export type { SidecarChartSources } from '../machines/sidecar.setup.js';
export type * from '../machines/sidecar.types.js';
export type { TransitionCause, TransitionDecision, TransitionRecord } from '../machines/transition-record.js';
export type { FleetConfig } from './config/fleet-schema.js';
export { defaultConfig, resolveConfig } from './config/resolve.js';
export { type ResolvedFleetConfig, resolveFleetConfig } from './config/resolve-fleet.js';
export type { ResolvedSidecarConfig, SidecarConfig } from './config/schema.js';
