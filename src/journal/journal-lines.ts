import { chartSettingsOf, chartStateOf } from '../../machines/chart-state.js';
import type { SidecarContext } from '../../machines/sidecar.types.js';
import { timeoutOf } from '../../machines/step.js';
import { now } from '../os/clock.js';
import { uniqueId } from '../os/unique-id.js';
import { redactorOf } from '../redact/redactor.js';
import { EntryText } from './entry-text.js';
import { isJournalled, isTold, JOURNAL_VERSION, type JournalEntry } from './format.js';
import { type EventDraft, Runs } from './runs.js';

type WithoutNumber<Entry extends JournalEntry> = Entry extends JournalEntry
  ? Omit<Entry, 'session' | 'n'>
  : never;
type Draft = WithoutNumber<JournalEntry>;

/**
 * The lines of a journal of one machine. What is heard is kept as it is, for as long as nobody takes the lines: to hear is
 * cheap, to make lines is not.
 */
export class JournalLines {
  readonly #session = uniqueId();
  readonly #text = new EntryText();
  readonly #runs = new Runs();
  readonly #checkpointAfter: number;
  #drafts: Draft[] = [];
  #context: SidecarContext | null = null;
  #count = 0;
  #sinceCheckpoint = 0;

  /** @param checkpointAfter after so many characters, all that is known is told, so that a reader can begin there. */
  constructor(checkpointAfter: number) {
    this.#checkpointAfter = checkpointAfter;
  }

  /** How many entries wait to be made lines of. */
  get waiting(): number {
    return this.#drafts.length;
  }

  get hasBegun(): boolean {
    return this.#context !== null;
  }

  get isStopped(): boolean {
    return this.#context?.history.at(-1)?.to === 'stopped';
  }

  /** One step of the machine: what it was given, and how it is after that. */
  hear(event: { readonly type: string }, context: SidecarContext): void {
    const before = this.#context;
    this.#context = context;
    if (before === null) this.#drafts.push(beginning(context));
    else this.#hearEvent(event, before, context);
  }

  /** The lines of all that was heard, with a checkpoint if it is time for one. */
  take(): readonly string[] {
    const context = this.#context;
    if (context === null) return [];
    const lines = this.#linesOf(context);
    if (this.#sinceCheckpoint <= this.#checkpointAfter) return lines;
    // It tells of what is still being drawn together, too.
    this.#drafts.push(...this.#runs.end(), checkpoint(context));
    lines.push(...this.#linesOf(context));
    this.#sinceCheckpoint = 0;
    return lines;
  }

  /** As `take`, with what is still being drawn together: nothing may follow for long, or ever. */
  takeAll(): readonly string[] {
    this.#drafts.push(...this.#runs.end());
    return this.take();
  }

  /** The last lines. */
  end(): readonly string[] {
    this.#drafts.push(...this.#runs.end(), { type: 'end', time: now() });
    return this.take();
  }

  /** The line that stands where so many are missing; a checkpoint follows soon. */
  gap(lost: number): string {
    this.#sinceCheckpoint = Number.POSITIVE_INFINITY;
    return JSON.stringify({ type: 'gap', session: this.#session, n: this.#count, time: now(), lost });
  }

  #hearEvent(given: { readonly type: string }, before: SidecarContext, after: SidecarContext): void {
    const event = timeoutOf(given) ?? given;
    if (!isJournalled(event)) return;
    // What changes nothing, such as a report of a process that is gone, would change nothing in a replay.
    if (before === after && !isTold(event)) return;
    const last = before.history.at(-1)?.sequence ?? 0;
    const transitions =
      before.history === after.history ? [] : after.history.filter(({ sequence }) => sequence > last);
    const draft: EventDraft = {
      type: 'event',
      time: transitions.at(0)?.time ?? now(),
      event: event.type === 'process.spawned' ? { ...event, library: null } : event,
      ...(transitions.length > 0 && { transitions }),
    };
    this.#drafts.push(...this.#runs.add(draft, before, after));
  }

  #linesOf({ config }: SidecarContext): string[] {
    const redactor = redactorOf(config);
    const drafts = this.#drafts;
    this.#drafts = [];
    return drafts.map(({ type, ...rest }) => {
      this.#count += 1;
      const line = this.#text.write({ type, session: this.#session, n: this.#count, ...rest }, redactor);
      this.#sinceCheckpoint += line.length;
      return line;
    });
  }
}

function beginning({ config, history }: SidecarContext): Draft {
  return {
    type: 'session',
    version: JOURNAL_VERSION,
    time: history.at(0)?.time ?? now(),
    host: { pid: process.pid, startedAt: performance.timeOrigin, node: process.version },
    settings: chartSettingsOf(config),
    transitions: history,
  };
}

function checkpoint(context: SidecarContext): Draft {
  const settings = chartSettingsOf(context.config);
  return {
    type: 'checkpoint',
    version: JOURNAL_VERSION,
    time: now(),
    settings,
    state: chartStateOf(context),
  };
}
