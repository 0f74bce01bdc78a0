import type { SidecarLogger } from './log/logger.js';

/** What is given to a sidecar beside its configuration, which is data. */
export interface SidecarOptions {
  /**
   * Where it logs to: pino, or anything with its `debug`, `info`, `warn` and `error(fields, message)`. Transitions are
   * logged as info, trouble as warnings, what ends it as errors, and each line that it prints with its own level.
   * Nothing is logged without one.
   */
  readonly logger?: SidecarLogger | undefined;
}
