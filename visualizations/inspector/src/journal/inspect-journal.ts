import { explainTransition } from '../../../../machines/explain.js';
import type { TransitionRecord } from '../../../../machines/transition-record.js';
import type { Chart } from '../../../../src/graph/chart.js';
import type { ShownHealth, ShownSample, ShownTransition } from '../../../../src/inspect/messages.js';
import type { EventEntry, JournalEntry, SessionEntry } from '../../../../src/journal/format.js';
import { parseJournal } from '../../../../src/journal/parse-journal.js';
import { InspectedSidecar } from '../model/inspected-sidecar.js';

/**
 * The sidecars that a journal tells of: one for each life of a machine.
 *
 * @throws {SidecarError} when a newer version wrote it
 */
export function inspectJournal(text: string, chart: Chart): readonly InspectedSidecar[] {
  const { entries } = parseJournal(text);
  const sessions = Map.groupBy(entries, ({ session }) => session);
  return [...sessions.values()].flatMap((session, index) => {
    const sidecar = inspectSession(session, index + 1, sessions.size, chart);
    return sidecar === null ? [] : [sidecar];
  });
}

function inspectSession(
  entries: readonly JournalEntry[],
  number: number,
  count: number,
  chart: Chart,
): InspectedSidecar | null {
  const transitions = entries.flatMap(transitionsOf);
  const last = transitions.at(-1);
  if (last === undefined) return null;
  const name = entries.map(nameIn).find((each) => each !== null) ?? 'sidecar';
  const sidecar = new InspectedSidecar(count === 1 ? name : `${name} · run ${number}`, chart);
  const events = entries.filter((entry) => entry.type === 'event');
  const [samples, healths] = [events.flatMap(samplesIn), events.flatMap(healthsIn)];
  sidecar.recall({ transitions: transitions.map(shown), samples, healths, lines: tailsIn(transitions) });
  sidecar.leaves.value = [last.to];
  sidecar.context.value = contextAt(last);
  return sidecar;
}

function nameIn(entry: JournalEntry): string | null {
  return entry.type === 'session' || entry.type === 'checkpoint' ? entry.settings.name : null;
}

function transitionsOf(entry: JournalEntry): readonly TransitionRecord[] {
  if (entry.type === 'checkpoint') return [];
  return hasTransitions(entry) ? entry.transitions : [];
}

function hasTransitions(
  entry: JournalEntry,
): entry is (SessionEntry | EventEntry) & { readonly transitions: readonly TransitionRecord[] } {
  return 'transitions' in entry && Array.isArray(entry.transitions);
}

function shown(record: TransitionRecord): ShownTransition {
  const { decision, time } = record;
  return {
    ...record,
    decision: decision === null ? null : { ...decision },
    explanation: explainTransition(record),
    delay:
      decision?.type === 'restart'
        ? { name: 'backoff', after: decision.delay, endsAt: time + decision.delay }
        : null,
    context: contextAt(record),
  };
}

/** What a record tells of what the machine knew. */
function contextAt({ generation, pid, decision, cause }: TransitionRecord): Record<string, unknown> {
  return { generation, pid, decision, cause };
}

function samplesIn({ event }: EventEntry): readonly ShownSample[] {
  if (event.type !== 'resources.sampled') return [];
  const { sampledAt, memoryMB, cpuPercent, fileDescriptors } = event.sample;
  return [{ time: sampledAt, memoryMB, cpuPercent, fileDescriptors }];
}

function healthsIn({ event }: EventEntry): readonly ShownHealth[] {
  if (event.type !== 'health.checked') return [];
  const { report } = event;
  return [{ time: report.checkedAt, latency: report.latency, healthy: report.passed, report: { ...report } }];
}

/** A journal has no output, but the last lines of each process that ended. */
function tailsIn(transitions: readonly TransitionRecord[]) {
  return transitions.flatMap(({ cause, time, generation }) => {
    if (cause.type !== 'exited') return [];
    const { pid, tail } = cause.exit;
    return tail.map((line) => ({ time, stream: 'stdout' as const, line, level: null, generation, pid }));
  });
}
