import type { SidecarEmitted } from '../../machines/sidecar.types.js';
import type { ResolvedSidecarConfig } from '../config/schema.js';
import type { Redactor } from '../redact/redactor.js';
import { LineFile } from './line-file.js';
import { createEventLog } from './log-events.js';
import type { SidecarLogger } from './logger.js';

/** What is logged of a sidecar. */
export interface LoggedSidecar {
  readonly config: ResolvedSidecarConfig;
  /** Of the configuration that the process is run with. */
  readonly redactor: () => Redactor;
  /** Lets the sidecar tell of trouble with its log. */
  readonly warn: (message: string) => void;
  readonly listen: (listener: (event: SidecarEmitted) => void) => void;
}

/**
 * Logs what happens, and keeps what the sidecar prints, where either is wanted.
 *
 * @returns what ends it; it resolves once everything is written, within a bound.
 */
export function logSidecar(
  { config, redactor, warn, listen }: LoggedSidecar,
  logger: SidecarLogger | undefined,
): () => Promise<void> {
  if (logger !== undefined) listen(createEventLog(config.name, logger, redactor));
  if (config.log === undefined) return async () => {};
  const file = new LineFile(config.log, { redactor, warn });
  listen((event) => file.hear(event));
  return () => file.close();
}
