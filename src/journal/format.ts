import type { ChartSettings, ChartState } from '../../machines/chart-state.js';
import type { SidecarEvent } from '../../machines/sidecar.types.js';
import type { SidecarTimeout } from '../../machines/step.js';
import type { TransitionRecord } from '../../machines/transition-record.js';

/** The version of the format. A reader refuses a higher one; entries and fields may be added without one. */
export const JOURNAL_VERSION = 1;

/** The name of the journal in the state directory; older ones are `journal.jsonl.1`, … */
export const JOURNAL_FILE = 'journal.jsonl';

type Unjournalled =
  /** They change nothing that is decided. */
  | 'compile.output'
  | 'process.output'
  | 'resources.unavailable'
  | 'endpoint.unusable'
  | 'log.failed'
  | 'watch.failed'
  | 'state.failed'
  | 'health.requested'
  /** A secret. */
  | 'process.handed';

type Report = Exclude<SidecarEvent, { readonly type: Unjournalled }>;

/** An event as it was given to the chart, `after` for a timer of the chart that ran out. */
export type JournalEvent =
  | Exclude<Report, { readonly type: 'process.spawned' }>
  /** A loaded library is no data. */
  | (Extract<Report, { readonly type: 'process.spawned' }> & { readonly library: null })
  | SidecarTimeout;

interface Entry {
  /** Which life of a sidecar's machine it belongs to. */
  readonly session: string;
  /** Counts the entries of a session from 1: one that is missing, or there twice, is known by it. */
  readonly n: number;
  /** Unix time in milliseconds, from a clock that never jumps. */
  readonly time: number;
}

/** A machine was started. */
export interface SessionEntry extends Entry {
  readonly type: 'session';
  readonly version: number;
  /** What ran it: its pid, and when it was started (Unix time in milliseconds). */
  readonly host: { readonly pid: number; readonly startedAt: number; readonly node: string };
  readonly settings: ChartSettings;
  /** What it did before anything happened. */
  readonly transitions: readonly TransitionRecord[];
}

/** An event that was given to it, and the transitions that followed at once. */
export interface EventEntry extends Entry {
  readonly type: 'event';
  readonly event: JournalEvent;
  /**
   * How many such events came, of which this is the last: reports in `running` that say the same and lead to nothing.
   * One, unless it is there.
   */
  readonly count?: number;
  /** When the first of several came. */
  readonly since?: number;
  readonly transitions?: readonly TransitionRecord[];
}

/** All that was known then: where a replay can begin when what was before is gone. */
export interface CheckpointEntry extends Entry {
  readonly type: 'checkpoint';
  readonly version: number;
  readonly settings: ChartSettings;
  readonly state: ChartState;
}

/** The machine was given up in good order. */
export interface EndEntry extends Entry {
  readonly type: 'end';
}

/** Entries are missing here: the disk was full, or too slow. */
export interface GapEntry extends Entry {
  readonly type: 'gap';
  readonly lost: number;
}

export type JournalEntry = SessionEntry | EventEntry | CheckpointEntry | EndEntry | GapEntry;

/** What was read of a journal. */
export interface Journal {
  /** In the order in which they were written. */
  readonly entries: readonly JournalEntry[];
  /** Lines that are none, such as one that was cut when the host was killed. */
  readonly unreadable: number;
}

const unjournalled: ReadonlySet<string> = new Set<Unjournalled>([
  'compile.output',
  'process.output',
  'resources.unavailable',
  'endpoint.unusable',
  'log.failed',
  'watch.failed',
  'state.failed',
  'health.requested',
  'process.handed',
]);

/** Whether it is one of the events of a journal. The chart is sent nothing but its events and XState's own. */
export function isJournalled(event: { readonly type: string }): event is Report | SidecarTimeout {
  return !unjournalled.has(event.type) && !event.type.startsWith('xstate.');
}

/** Whether it is told even if nothing follows from it: what people and the host want. */
export function isTold({ type }: Report | SidecarTimeout): boolean {
  return ['START', 'STOP', 'RESTART', 'RELOAD', 'host.exiting'].includes(type);
}
