/** How much a line of a log matters. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

type Log = (fields: object, message: string) => void;

/** A logger as pino has it, and bunyan, and (without `child`) the console. */
export interface SidecarLogger {
  debug: Log;
  info: Log;
  warn: Log;
  error: Log;
  /** A logger that adds these fields to each line. Without it they are added here. */
  child?(fields: Readonly<Record<string, string>>): SidecarLogger;
}

/** Writes lines that name their sidecar. */
export type WriteLog = (level: LogLevel, fields: object, message: string) => void;

/** A child of a logger for one sidecar. */
export function logAs(logger: SidecarLogger, sidecar: string): WriteLog {
  if (logger.child === undefined) {
    return (level, fields, message) => logger[level]({ sidecar, ...fields }, message);
  }
  const child = logger.child({ sidecar });
  return (level, fields, message) => child[level](fields, message);
}
