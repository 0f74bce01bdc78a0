import type { ShownLine } from '../../../../src/inspect/messages.js';

export const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

export type Level = (typeof LEVELS)[number];

/** What the line says of itself; else the stream tells. */
export function levelOf({ level, stream }: ShownLine): Level {
  const known = LEVELS.find((each) => each === level);
  return known ?? (stream === 'stderr' ? 'warn' : 'info');
}

export function isAtLeast(level: Level, least: Level): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(least);
}
