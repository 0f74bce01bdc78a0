import { isRecord } from '../config/is-record.js';
import type { LogLevel } from './logger.js';

/** A line of output that another logger wrote as JSON. */
export interface JsonLine {
  readonly level: LogLevel;
  readonly message: string;
  /** Everything else of it. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A longer line is passed as text. In characters. */
const LONGEST = 32_768;

/** Where loggers put the level: most of them, Google Cloud, Python's, log15, and the Elastic Common Schema. */
const LEVEL_KEYS = ['level', 'severity', 'levelname', 'lvl', 'log.level'] as const;

/** Where they put the message. */
const MESSAGE_KEYS = ['msg', 'message', 'event'] as const;

/** The names of levels that loggers use, in lower case. */
const LEVELS: Readonly<Record<string, LogLevel>> = {
  trace: 'debug',
  verbose: 'debug',
  debug: 'debug',
  info: 'info',
  information: 'info',
  informational: 'info',
  notice: 'info',
  log: 'info',
  warn: 'warn',
  warning: 'warn',
  err: 'error',
  error: 'error',
  fatal: 'error',
  critical: 'error',
  crit: 'error',
  alert: 'error',
  emergency: 'error',
  panic: 'error',
  dpanic: 'error',
};

/** Reads a line as pino, bunyan, zap, zerolog, slog, logrus and others write it; null when it is none of that. */
export function readJsonLine(line: string): JsonLine | null {
  const text = line.trim();
  if (!text.startsWith('{') || !text.endsWith('}') || text.length > LONGEST) return null;
  const parsed = parse(text);
  if (!isRecord(parsed)) return null;
  const levelKey = LEVEL_KEYS.find((key) => levelOf(parsed[key]) !== null);
  const messageKey = MESSAGE_KEYS.find((key) => typeof parsed[key] === 'string');
  // Any object is JSON; one that has neither is not a line of a log.
  if (levelKey === undefined && messageKey === undefined) return null;
  const known = new Set<string>([levelKey, messageKey].filter((key) => key !== undefined));
  return {
    level: (levelKey === undefined ? null : levelOf(parsed[levelKey])) ?? 'info',
    message: messageKey === undefined ? '' : String(parsed[messageKey]),
    fields: Object.fromEntries(Object.entries(parsed).filter(([key]) => !known.has(key))),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // It only looks like JSON.
    return null;
  }
}

function levelOf(value: unknown): LogLevel | null {
  if (typeof value === 'number') return numericLevel(value);
  if (typeof value !== 'string') return null;
  // slog has levels between the named ones: `INFO+2`.
  const name = value.toLowerCase().replace(/[+-]\d+$/, '');
  return Object.hasOwn(LEVELS, name) ? (LEVELS[name] ?? null) : null;
}

/** As in pino and bunyan: 10 trace, 20 debug, 30 info, 40 warn, 50 error, 60 fatal. */
function numericLevel(level: number): LogLevel | null {
  if (level < 10 || level > 100) return null;
  if (level < 30) return 'debug';
  if (level < 40) return 'info';
  return level < 50 ? 'warn' : 'error';
}
