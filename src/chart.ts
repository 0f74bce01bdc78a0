/**
 * The statechart alone, without actors: for a browser, a simulated clock, or actors of your own (`provide` them).
 *
 * ```ts
 * const chart = createSidecarChart({ resolveConfig, now: Date.now, random: Math.random });
 * ```
 */
export { createSidecarChart } from '../machines/sidecar.js';
export type { SidecarChartSources } from '../machines/sidecar.setup.js';
export type * from '../machines/sidecar.types.js';
export type { TransitionCause, TransitionDecision, TransitionRecord } from '../machines/transition-record.js';
export { defaultConfig, resolveConfig } from './config/resolve.js';
export type { ResolvedSidecarConfig, SidecarConfig } from './config/schema.js';
