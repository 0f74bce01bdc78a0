import {
  type Chart,
  type ChartState,
  type ChartTransition,
  childrenOf,
  leavesEnteredBy,
  triggerText,
} from './chart.js';
import { UNNAMED_GUARD } from './guard-text.js';

/** One thing that can happen: a transition that is tried, and where it leads. */
export interface Outcome {
  /** null when it needs none. */
  readonly guard: string | null;
  /** The states without children that are entered; none when it stays where it is. */
  readonly targets: readonly string[];
  /** It leaves the state and enters it again. */
  readonly reenter: boolean;
  readonly actions: readonly string[];
  /** The state whose transition this is: the row's own or one around it; empty for the root. */
  readonly from: string;
}

/** An event of the matrix; what happens by itself in a state counts as one. */
export interface MatrixColumn {
  readonly kind: 'command' | 'report' | 'delay' | 'immediate';
  /** `STOP`, `process.exited`, `after stopTimeout`, `at once`. */
  readonly label: string;
}

/** What an event does in a state. Without outcomes it is ignored. */
export interface MatrixCell {
  readonly column: MatrixColumn;
  /** In the order in which they are tried; the first whose guard holds is what happens. */
  readonly outcomes: readonly Outcome[];
}

/** One state without children. */
export interface MatrixRow {
  readonly state: string;
  /** It is left as soon as it is entered, so no event ever finds it. Its cells are empty but the one for `at once`. */
  readonly isTransient: boolean;
  readonly cells: readonly MatrixCell[];
}

/** Every event in every state. It is JSON. */
export interface StateEventMatrix {
  readonly columns: readonly MatrixColumn[];
  readonly rows: readonly MatrixRow[];
}

/** How the events of a matrix are sorted. */
export interface MatrixOptions {
  /** The events that people send; these columns come first, in this order, also those that no state knows. */
  readonly commands: readonly string[];
}

/**
 * Works out what every event does in every state: the state's own transitions, then those of the states around it.
 * In a chart with parallel regions it says what one region does, as if the others were silent.
 */
export function buildMatrix(chart: Chart, { commands }: MatrixOptions): StateEventMatrix {
  const columns = columnsOf(chart, commands);
  const leaves = chart.states.filter(
    ({ name, type }) => type !== 'history' && childrenOf(chart, name).length === 0 && name !== '',
  );
  return { columns, rows: leaves.map((leaf) => rowOf(chart, columns, leaf)) };
}

function columnsOf(chart: Chart, commands: readonly string[]): MatrixColumn[] {
  const columns = new Map<string, MatrixColumn>();
  for (const label of commands) columns.set(label, { kind: 'command', label });
  for (const transition of chart.transitions) {
    const label = labelOf(transition);
    if (!columns.has(label)) columns.set(label, { kind: kindOf(transition), label });
  }
  const all = [...columns.values()];
  const ofKind = (kind: MatrixColumn['kind']) => all.filter((column) => column.kind === kind);
  return [
    ...ofKind('command'),
    ...groupBySubject(ofKind('report')),
    ...ofKind('delay'),
    ...ofKind('immediate'),
  ];
}

/** Keeps `process.spawned` next to `process.exited`. */
function groupBySubject(columns: readonly MatrixColumn[]): MatrixColumn[] {
  const subjects = new Set(columns.map(subjectOf));
  return [...subjects].flatMap((subject) => columns.filter((column) => subjectOf(column) === subject));
}

function subjectOf({ label }: MatrixColumn): string {
  return label.split('.')[0] ?? label;
}

function labelOf({ trigger }: ChartTransition): string {
  return trigger.type === 'immediate' ? 'at once' : triggerText(trigger);
}

function kindOf({ trigger }: ChartTransition): MatrixColumn['kind'] {
  if (trigger.type === 'delay' || trigger.type === 'immediate') return trigger.type;
  return 'report';
}

function rowOf(chart: Chart, columns: readonly MatrixColumn[], leaf: ChartState): MatrixRow {
  const sources = lineage(chart, leaf);
  const immediate = sources.flatMap((source) =>
    candidatesAt(chart, source, { kind: 'immediate', label: 'at once' }),
  );
  const isTransient = immediate.some(({ guard, targets }) => guard === null && targets.length > 0);
  return {
    state: leaf.name,
    isTransient,
    cells: columns.map((column) => {
      const happens = !isTransient || column.kind === 'immediate';
      const candidates = happens ? sources.flatMap((source) => candidatesAt(chart, source, column)) : [];
      return { column, outcomes: reachable(candidates).map((each) => outcomeOf(chart, each)) };
    }),
  };
}

/** The state, the states around it from the inside out, and the root. */
function lineage(chart: Chart, state: ChartState): ChartState[] {
  const parent = chart.states.find(({ name }) => name === state.parent);
  return parent === undefined ? [state] : [state, ...lineage(chart, parent)];
}

/** A state's transitions for an event: those that name it, then wildcards, the most specific first. */
function candidatesAt(chart: Chart, { name }: ChartState, column: MatrixColumn): ChartTransition[] {
  const own = chart.transitions.filter(({ source }) => source === name);
  const exact = own.filter((transition) => labelOf(transition) === column.label);
  if (column.kind === 'delay' || column.kind === 'immediate') return exact;
  const wildcards = own
    .filter(({ trigger }) => trigger.type === 'event' && matchesWildcard(column.label, trigger.event))
    .toSorted((a, b) => labelOf(b).length - labelOf(a).length);
  return [...exact, ...wildcards];
}

function matchesWildcard(event: string, descriptor: string): boolean {
  if (event === descriptor) return false;
  if (descriptor === '*') return true;
  return descriptor.endsWith('.*') && `${event}.`.startsWith(descriptor.slice(0, -1));
}

/** Candidates up to the first that needs no guard; one whose guard has failed already would fail again. */
function reachable(candidates: readonly ChartTransition[]): ChartTransition[] {
  const last = candidates.findIndex(({ guard }) => guard === null);
  const tried = last === -1 ? candidates : candidates.slice(0, last + 1);
  return tried.filter(
    ({ guard }, index) =>
      guard === UNNAMED_GUARD || tried.findIndex((earlier) => earlier.guard === guard) === index,
  );
}

function outcomeOf(chart: Chart, { guard, targets, reenter, actions, source }: ChartTransition): Outcome {
  return {
    guard,
    targets: targets.flatMap((target) => leavesEnteredBy(chart, target)),
    reenter,
    actions,
    from: source,
  };
}
