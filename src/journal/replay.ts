import { type ChartSettings, type ChartState, chartStateOf, contextOf } from '../../machines/chart-state.js';
import { createSidecarChart } from '../../machines/sidecar.js';
import type { SidecarContext } from '../../machines/sidecar.types.js';
import { firstSnapshot, type SidecarSnapshot, snapshotAt, takeStep } from '../../machines/step.js';
import type { TransitionRecord } from '../../machines/transition-record.js';
import { defaultConfig } from '../config/resolve.js';
import type { ResolvedSidecarConfig } from '../config/schema.js';
import { findDifference } from './find-difference.js';
import type { CheckpointEntry, EventEntry, Journal, JournalEntry, SessionEntry } from './format.js';

/** Where a replay first came to something else than the journal. */
export interface ReplayDifference {
  /** Which entry. */
  readonly session: string;
  readonly n: number;
  readonly type: JournalEntry['type'];
  readonly time: number;
  /** What of it: `transitions[0].decision.delay`. */
  readonly what: string;
  readonly recorded: unknown;
  readonly replayed: unknown;
}

/** What a replay came to. */
export interface Replay {
  /** Null when all that could be replayed came out the same. */
  readonly difference: ReplayDifference | null;
  /** Machines that were run again, wholly or in part. */
  readonly sessions: number;
  /** Events that were given to them. */
  readonly events: number;
  /** Transitions that were compared: time, states, cause, decision and all. */
  readonly transitions: number;
  /** Entries that could not be replayed, as something before them is missing. */
  readonly skipped: number;
}

/**
 * Gives what a journal says was given to the machine to the pure statechart, at the same times and with the same luck, and
 * compares what it decides: every transition with its cause and decision, delays included. Pure; nothing is started.
 *
 * Where entries are missing (an older file was removed, a disk was full) it goes on at the next checkpoint.
 */
export function replay(journal: Journal): Replay {
  const sessions = new Map<string, SessionReplay>();
  const count = { events: 0, transitions: 0, skipped: 0 };
  let difference: ReplayDifference | null = null;
  for (const entry of journal.entries) {
    const session = sessions.get(entry.session) ?? new SessionReplay(count);
    sessions.set(entry.session, session);
    difference = session.take(entry);
    if (difference !== null) break;
  }
  const begun = [...sessions.values()].filter(({ hasBegun }) => hasBegun);
  return { difference, sessions: begun.length, ...count };
}

interface Count {
  events: number;
  transitions: number;
  skipped: number;
}

/** One machine, run again. */
class SessionReplay {
  readonly #count: Count;
  #last = 0;
  #machine: Machine | null = null;
  hasBegun = false;

  constructor(count: Count) {
    this.#count = count;
  }

  /** Takes the next entry; the first difference, if there is one. */
  take(entry: JournalEntry): ReplayDifference | null {
    // Written twice when the host exited in the middle of it.
    if (entry.type === 'gap' || entry.n <= this.#last) return null;
    if (entry.n !== this.#last + 1) this.#machine = null;
    this.#last = entry.n;
    try {
      return this.#compare(entry);
    } catch (error) {
      // Such an entry was not written by a machine.
      return differenceAt(entry, { what: '', recorded: entry, replayed: error });
    }
  }

  #compare(entry: JournalEntry): ReplayDifference | null {
    switch (entry.type) {
      case 'session':
        this.#machine = new Machine(entry.settings);
        this.hasBegun = true;
        return this.#compareTransitions(entry, this.#machine.begin(entry.transitions));
      case 'checkpoint':
        return this.#takeCheckpoint(entry);
      case 'event': {
        if (this.#machine === null) {
          this.#count.skipped += 1;
          return null;
        }
        this.#count.events += entry.count ?? 1;
        return this.#compareTransitions(entry, this.#machine.give(entry));
      }
      default:
        return null;
    }
  }

  #takeCheckpoint(entry: CheckpointEntry): ReplayDifference | null {
    if (this.#machine !== null)
      return differenceAt(entry, findDifference(entry.state, this.#machine.state, 'state'));
    this.#machine = new Machine(entry.settings);
    this.hasBegun = true;
    this.#machine.resume(entry.state);
    return null;
  }

  #compareTransitions(
    entry: SessionEntry | EventEntry,
    replayed: readonly TransitionRecord[],
  ): ReplayDifference | null {
    const recorded = entry.transitions ?? [];
    this.#count.transitions += recorded.length;
    return differenceAt(entry, findDifference(recorded, replayed, 'transitions'));
  }
}

/** A chart whose clock and luck are those of a journal. */
class Machine {
  readonly #config;
  readonly #chart;
  #snapshot: SidecarSnapshot | null = null;
  /** When each transition of the present step was made. */
  #times: number[] = [];
  #time = 0;
  #random = 0;

  constructor(settings: ChartSettings) {
    const config = configOf(settings);
    this.#config = config;
    this.#chart = createSidecarChart({
      resolveConfig: () => config,
      now: () => this.#now(),
      random: () => this.#random,
    });
  }

  get state(): ChartState {
    return chartStateOf(this.#context);
  }

  begin(recorded: readonly TransitionRecord[]): readonly TransitionRecord[] {
    this.#prepare(recorded);
    this.#snapshot = firstSnapshot(this.#chart);
    return this.#context.history;
  }

  resume(state: ChartState): void {
    this.#snapshot = snapshotAt(this.#chart, state.state, contextOf(state, this.#config));
  }

  give({ event, count = 1, transitions = [] }: EventEntry): readonly TransitionRecord[] {
    this.#prepare(transitions);
    const last = this.#context.history.at(-1)?.sequence ?? 0;
    for (let given = 0; given < count; given += 1) {
      if (this.#snapshot !== null) this.#snapshot = takeStep(this.#chart, this.#snapshot, event).snapshot;
    }
    return this.#context.history.filter(({ sequence }) => sequence > last);
  }

  get #context(): SidecarContext {
    if (this.#snapshot === null) throw new Error('The machine has not begun.');
    return this.#snapshot.context;
  }

  #prepare(transitions: readonly TransitionRecord[]): void {
    this.#times = transitions.map(({ time }) => time);
    for (const { decision } of transitions) {
      if (decision?.type === 'restart') this.#random = decision.backoff.random;
    }
  }

  /** The chart reads the clock once a transition. */
  #now(): number {
    this.#time = this.#times.shift() ?? this.#time;
    return this.#time;
  }
}

/** A configuration with these settings; what else is in it the chart does not read. */
function configOf({ hasCompileStep, ...settings }: ChartSettings): ResolvedSidecarConfig {
  const { process, healthCheck, resources } = settings;
  return {
    ...defaultConfig,
    ...settings,
    process: { ...defaultConfig.process, ...process },
    healthCheck: { ...defaultConfig.healthCheck, ...healthCheck },
    resources: { ...defaultConfig.resources, ...resources },
    ...(hasCompileStep && { compile: someCompiler }),
  };
}

const someCompiler: ResolvedSidecarConfig['compile'] = {
  command: 'compiler',
  args: [],
  shell: false,
  cwd: '.',
  env: {},
  timeout: 0,
  inputs: [],
  outputs: [],
};

interface Found {
  readonly what: string;
  readonly recorded: unknown;
  readonly replayed: unknown;
}

function differenceAt(
  { session, n, type, time }: JournalEntry,
  found: Found | null,
): ReplayDifference | null {
  return found === null ? null : { session, n, type, time, ...found };
}
