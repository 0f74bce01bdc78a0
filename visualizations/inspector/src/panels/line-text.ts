import { isRecord } from '../../../../src/config/is-record.js';
import type { ShownLine } from '../../../../src/inspect/messages.js';

/** What is shown beside it, or says nothing to a reader. */
const OMITTED = new Set(['level', 'msg', 'message', 'time', 'timestamp', 'ts', 'pid', 'hostname', 'v']);

/** A line as people read it: of one of JSON that a logger wrote, the message, and the other fields after it. */
export function lineText({ line, level }: Pick<ShownLine, 'line' | 'level'>): string {
  // The host has found the level in it.
  if (level === null || !line.startsWith('{')) return line;
  const fields = parse(line);
  if (fields === null) return line;
  const message = fields['msg'] ?? fields['message'];
  if (typeof message !== 'string') return line;
  const others = Object.entries(fields).filter(([name]) => !OMITTED.has(name));
  return [message, ...others.map(([name, value]) => `${name}=${JSON.stringify(value)}`)].join('  ');
}

function parse(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(line);
    return isRecord(parsed) ? parsed : null;
  } catch {
    // It only begins like JSON.
    return null;
  }
}
