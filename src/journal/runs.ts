import type { SidecarContext } from '../../machines/sidecar.types.js';
import type { TransitionRecord } from '../../machines/transition-record.js';
import type { EventEntry, JournalEvent } from './format.js';

/** An entry of an event, as far as it is known before it is written. */
export type EventDraft = Omit<EventEntry, 'session' | 'n'>;

/**
 * Draws reports together that come again and again while all is well, so that a journal tells of a day in a few lines.
 * Only in `running`, where checks and samples are counted apart from each other: a replay that is given first the one
 * and then the other counts the same, and so decides the same.
 */
export class Runs {
  readonly #open = new Map<JournalEvent['type'], { readonly says: string; readonly draft: EventDraft }>();

  /** What is to be written now that this came: nothing yet, or what was drawn together and this. */
  add(draft: EventDraft, before: SidecarContext, after: SidecarContext): readonly EventDraft[] {
    const says = sayingOf(draft.event, draft.transitions, before, after);
    if (says === null) return [...this.end(), draft];
    const run = this.#open.get(draft.event.type);
    if (run?.says !== says) {
      this.#open.set(draft.event.type, { says, draft });
      return run === undefined ? [] : [run.draft];
    }
    const { count = 1, since = run.draft.time } = run.draft;
    this.#open.set(draft.event.type, { says, draft: { ...draft, count: count + 1, since } });
    return [];
  }

  /** Ends what is being drawn together. */
  end(): readonly EventDraft[] {
    const drafts = [...this.#open.values()].map(({ draft }) => draft);
    this.#open.clear();
    return drafts;
  }
}

/** What it says to a sidecar that is running, if it is nothing new; null for whatever must be told by itself. */
function sayingOf(
  event: JournalEvent,
  transitions: readonly TransitionRecord[] | undefined,
  before: SidecarContext,
  after: SidecarContext,
): string | null {
  if (transitions !== undefined || before.history.at(-1)?.to !== 'running') return null;
  switch (event.type) {
    case 'health.checked':
      // Of failures, each one's time is told.
      return event.report.passed ? 'passed' : null;
    case 'readiness.checked':
      return event.report.passed ? 'passed' : 'failed';
    case 'resources.sampled': {
      const { max, soft } = after.resources;
      const isOver = [max, soft].flatMap(({ memory, cpu, fileDescriptors }) =>
        [memory, cpu, fileDescriptors].map((window) => window.at(-1)),
      );
      return isOver.join();
    }
    default:
      return null;
  }
}
