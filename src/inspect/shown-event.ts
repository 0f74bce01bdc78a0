import { isRecord } from '../config/is-record.js';
import type { ResolvedSidecarConfig } from '../config/schema.js';
import { withoutSecrets } from './shown-context.js';
import { eventJson } from './shown-state.js';

/** The lines that are printed go another way. */
const UNTOLD = new Set(['process.output', 'compile.output']);

/** What is no data, or nobody's to see: a loaded library, what a process handed over, the input of the machine. */
const HIDDEN = new Set(['library', 'handoff', 'input']);

/** Whether an event is told at all. */
export function isTold(type: string): boolean {
  return !UNTOLD.has(type);
}

/** An event that the machine was sent, as JSON. */
export function shownEvent(
  config: ResolvedSidecarConfig,
  event: Readonly<Record<string, unknown>> & { readonly type: string },
): string {
  const fields = Object.entries(event)
    .filter(([name]) => !HIDDEN.has(name))
    .map(([name, value]) => [name, withoutTail(value)]);
  return eventJson({ ...withoutSecrets(config, Object.fromEntries(fields)), type: event.type });
}

/** The last lines of a process, or of a compiler, are among those of the log. */
function withoutTail(value: unknown): unknown {
  if (!isRecord(value) || !('tail' in value)) return value;
  const { tail: _, ...rest } = value;
  return rest;
}
