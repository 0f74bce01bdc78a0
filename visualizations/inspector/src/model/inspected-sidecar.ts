import { computed, signal } from '@preact/signals';
import type { Chart } from '../../../../src/graph/chart.js';
import type {
  ShownHealth,
  ShownLine,
  ShownSample,
  ShownTransition,
} from '../../../../src/inspect/messages.js';
import { factsOf, type StatusMessage } from './facts.js';
import { LineBuffer } from './line-buffer.js';
import { Series } from './series.js';

/** How many transitions are kept to look back at. */
const MOST_TRANSITIONS = 2000;

/** What is known of the time before. */
export interface Recent {
  readonly transitions: readonly ShownTransition[];
  readonly samples: readonly ShownSample[];
  readonly healths: readonly ShownHealth[];
  readonly lines: readonly ShownLine[];
}

/** All that is known of one sidecar. */
export class InspectedSidecar {
  readonly id: string;
  readonly chart: Chart;
  /** The active states that have no children. */
  readonly leaves = signal<readonly string[]>([]);
  /** What the machine knows. */
  readonly context = signal<unknown>(null);
  readonly report = signal<StatusMessage | null>(null);
  readonly facts = computed(() => (this.report.value === null ? null : factsOf(this.report.value.status)));
  /** Oldest first. */
  readonly transitions = signal<readonly ShownTransition[]>([]);
  /** Whether the host has given it up. */
  readonly isGivenUp = signal(false);
  readonly samples = new Series<ShownSample>();
  readonly healths = new Series<ShownHealth>();
  readonly lines = new LineBuffer();

  constructor(id: string, chart: Chart) {
    this.id = id;
    this.chart = chart;
  }

  addTransition(transition: ShownTransition): void {
    const last = this.transitions.peek().at(-1);
    // What was before the viewer came may have been told already.
    if (last !== undefined && transition.sequence <= last.sequence) return;
    this.transitions.value = [...this.transitions.peek(), transition].slice(-MOST_TRANSITIONS);
  }

  hearStatus(message: StatusMessage): void {
    this.report.value = message;
  }

  /** What was before the viewer came. */
  recall({ transitions, samples, healths, lines }: Recent): void {
    this.transitions.value = transitions.slice(-MOST_TRANSITIONS);
    this.samples.replace(samples);
    this.healths.replace(healths);
    this.lines.replace(lines);
  }

  giveUp(): void {
    this.isGivenUp.value = true;
  }
}
