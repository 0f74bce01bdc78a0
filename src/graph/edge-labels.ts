import { type Chart, type ChartTransition, childrenOf, isWithin, triggerText } from './chart.js';

/** How the edges of a picture are labelled. */
export interface EdgeOptions {
  /** Guards that say nothing to a reader of the picture, for example one that drops stale reports. */
  readonly omitGuards?: readonly string[] | 'all';
}

/** All transitions from one state to another, as one edge. */
export interface Edge {
  readonly source: string;
  readonly target: string;
  /** Commands, reports, then delays, by guard: `RESTART / RELOAD`, `process.exited [leavesSurvivors]`. */
  readonly lines: readonly string[];
}

/** The edges of a picture: one for each pair of states, since parallel ones make a picture unreadable. */
export function mergeEdges(chart: Chart, { omitGuards = [] }: EdgeOptions = {}): readonly Edge[] {
  const pairs = new Map<string, { source: string; target: string; triggers: Map<string, Set<string>> }>();
  for (const transition of chart.transitions) {
    const guard = visibleGuard(chart, transition, omitGuards);
    for (const target of transition.targets) {
      const { source } = transition;
      const key = `${source} ${target}`;
      const pair = pairs.get(key) ?? { source, target, triggers: new Map<string, Set<string>>() };
      const triggers = pair.triggers.get(guard) ?? new Set<string>();
      pairs.set(key, pair);
      pair.triggers.set(guard, triggers.add(triggerText(transition.trigger)));
    }
  }
  return [...pairs.values()].map(({ source, target, triggers }) => ({
    source,
    target,
    lines: [...triggers].toSorted(byRank).flatMap(([guard, texts]) => linesOf([...texts], guard)),
  }));
}

/** A guard alone comes first: below an event it would read as that event's. Then what needs no guard. */
function byRank(
  a: readonly [string, ReadonlySet<string>],
  b: readonly [string, ReadonlySet<string>],
): number {
  const rank = ([guard, texts]: typeof a) => (texts.has('') ? 0 : guard === '' ? 1 : 2);
  return rank(a) - rank(b);
}

/**
 * Whether an edge starts at a state and ends within it. Layout engines can't draw that, so a picture lets it start
 * at a small "any of these" inside.
 */
export function leadsInside(chart: Chart, { source, target }: Edge): boolean {
  return (
    childrenOf(chart, source).length > 0 && isWithin(target, source) && (target !== source || source === '')
  );
}

function linesOf(triggers: readonly string[], guard: string): string[] {
  const label = guard === '' ? '' : `[${guard}]`;
  const named = triggers.filter((text) => text !== '');
  const lines = (['command', 'report', 'delay'] as const)
    .map((kind) => named.filter((text) => kindOf(text) === kind))
    .filter((kind) => kind.length > 0)
    .flatMap((kind) => fillLines(kind, label));
  // What happens at once has no trigger, only a guard.
  return label !== '' && named.length < triggers.length ? [label, ...lines] : lines;
}

function kindOf(trigger: string): 'command' | 'report' | 'delay' {
  if (trigger.startsWith('after ')) return 'delay';
  return trigger === trigger.toUpperCase() ? 'command' : 'report';
}

/** Renderers wrap longer lines, in places that are hard to read. */
const LINE_LENGTH = 26;

function fillLines(triggers: readonly string[], guard: string): string[] {
  const pieces = triggers.map((trigger, index) => (index < triggers.length - 1 ? `${trigger} /` : trigger));
  const lines: string[] = [];
  for (const piece of guard === '' ? pieces : [...pieces, guard]) {
    const last = lines.pop();
    const longer = last === undefined ? piece : `${last} ${piece}`;
    if (last === undefined || longer.length <= LINE_LENGTH) lines.push(longer);
    else lines.push(last, piece);
  }
  return lines;
}

/** The guard as it is drawn; `else` for the way that is left when the guards before it fail. */
function visibleGuard(chart: Chart, transition: ChartTransition, omitted: readonly string[] | 'all'): string {
  if (omitted === 'all') return '';
  const { guard } = transition;
  if (guard !== null && !omitted.includes(guard)) return guard;
  const trigger = triggerText(transition.trigger);
  const candidates = chart.transitions.filter(
    (each) => each.source === transition.source && triggerText(each.trigger) === trigger,
  );
  const earlier = candidates.slice(0, candidates.indexOf(transition));
  return earlier.some((each) => each.guard !== null && !omitted.includes(each.guard)) ? 'else' : '';
}
