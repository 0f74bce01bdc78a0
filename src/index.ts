export type { ChartSettings, ChartState } from '../machines/chart-state.js';
export { type ExitMeaning, meaningOfExit } from '../machines/exit-codes.js';
export {
  duration,
  explainBackoff,
  explainCause,
  explainEndpoint,
  explainExit,
  explainStop,
  explainTransition,
  explainTrend,
} from '../machines/explain.js';
export { explainFleetEvent, explainFleetStop } from '../machines/explain-fleet.js';
export type {
  Change,
  ChangeFailure,
  FleetEmitted,
  FleetStateName,
  FleetStopReason,
  MemberPhase,
  Rollout,
} from '../machines/fleet.types.js';
export type { Breach, LimitAction, ResourceName } from '../machines/resource-limits.js';
export type { ResourceTrend } from '../machines/resource-trend.js';
export type { Backoff } from '../machines/restart-policy.js';
export type {
  CheckResult,
  CheckStanding,
  CircuitState,
  CompileFailure,
  EndedOrphan,
  Endpoint,
  ExitStatus,
  HealthCount,
  HealthReport,
  Holder,
  LoadedLibrary,
  OutOfMemory,
  OutputLine,
  ProcessExit,
  ResourceSample,
  SidecarCommand,
  SidecarContext,
  SidecarEmitted,
  SidecarEvent,
  SidecarInput,
  SidecarStateName,
  SpawnFailure,
  StopReason,
} from '../machines/sidecar.types.js';
export type { SidecarTimeout } from '../machines/step.js';
export type {
  DelayName,
  TransitionCause,
  TransitionDecision,
  TransitionRecord,
} from '../machines/transition-record.js';
export type { WhatIf, WhatIfEvent } from '../machines/what-if.js';
export { type Explained, explainWhy, type WhyOptions } from '../machines/why.js';
export type { ClientStatus, SidecarRequestOptions } from './client/client.js';
export type { ClientTotals, ClientWaits } from './client/totals.js';
export type { RequestWrapper, WrappedRequest } from './client/wrapped-request.js';
export type { CheckConfig } from './config/check-schema.js';
export type { Fallback, FallbackRequest } from './config/client-schema.js';
export { type ConfigChanges, compareSidecars, type SidecarChange } from './config/config-changes.js';
export { type ConfigProblem, SidecarConfigError } from './config/config-error.js';
export {
  type DependencyCondition,
  type FleetConfig,
  type FleetSidecarConfig,
  fleetConfigSchema,
} from './config/fleet-schema.js';
export { type ForstConfig, forstPreset } from './config/forst.js';
export { defaultConfig, defineConfig, parseConfig, resolveConfig } from './config/resolve.js';
export {
  defineFleet,
  type FleetMember,
  type MemberDependency,
  type ResolvedFleetConfig,
  requireFleetConfig,
  resolveFleetConfig,
} from './config/resolve-fleet.js';
export { type ResolvedSidecarConfig, type SidecarConfig, sidecarConfigSchema } from './config/schema.js';
export type { SidecarMessage, SidecarRequestMessage } from './diagnostics/channels.js';
export { FleetClient } from './fleet/fleet-client.js';
export { createFleet, Fleet, type FleetEventOf, type RolloutOptions } from './fleet.js';
export { FleetChangeError, FleetRolloutError, FleetStartError } from './fleet-error.js';
export type { FleetStatus, MemberStatus } from './fleet-status.js';
export { type ForstErrorValue, ForstInvokeError } from './forst/forst-invoke-error.js';
export { type ForstInvokeOptions, ForstSidecar } from './forst/forst-sidecar.js';
export type { ForstFunction, ForstVersion } from './forst/invoke-answer.js';
export type { Inspector } from './inspect/inspector.js';
export type {
  CheckpointEntry,
  EndEntry,
  EventEntry,
  GapEntry,
  Journal,
  JournalEntry,
  JournalEvent,
  SessionEntry,
} from './journal/format.js';
export { parseJournal } from './journal/parse-journal.js';
export { readJournal } from './journal/read-journal.js';
export { type Replay, type ReplayDifference, replay } from './journal/replay.js';
export type { SidecarLogger } from './log/logger.js';
export { LibraryUnloadedError } from './process/loaded-library.js';
export { redactArguments, redactEnvironment, redactText, type Secrets } from './redact/redact.js';
export { createSidecar, Sidecar } from './sidecar.js';
export {
  SidecarConnectionError,
  SidecarDiedError,
  SidecarError,
  SidecarHeldError,
  SidecarReloadError,
  SidecarStartError,
  SidecarUnavailableError,
  SidecarUnkillableError,
} from './sidecar-error.js';
export { sidecarMachine } from './sidecar-machine.js';
export type { SidecarOptions } from './sidecar-options.js';
export type { SidecarHealth, SidecarStatus } from './sidecar-status.js';
