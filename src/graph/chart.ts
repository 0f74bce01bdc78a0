/** A state of a chart. States are named by their path: `restarting.backingOff`; the root's name is empty. */
export interface ChartState {
  readonly name: string;
  /** The last part of the name. */
  readonly key: string;
  readonly parent: string | null;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  /** The child that is entered when this state is; null without one. */
  readonly initial: string | null;
  /** What is invoked while the state is active. */
  readonly invokes: readonly string[];
}

/** What makes a transition be considered. */
export type Trigger =
  | { readonly type: 'event'; readonly event: string }
  /** Time in the state: a delay's name, or milliseconds. */
  | { readonly type: 'delay'; readonly delay: string | number }
  /** `always`: as soon as the guard holds. */
  | { readonly type: 'immediate' }
  | { readonly type: 'actor'; readonly outcome: 'done' | 'error' | 'snapshot'; readonly actor: string }
  /** A final child was reached. */
  | { readonly type: 'done' };

/** One candidate for a trigger. Candidates of the same state and trigger are tried in the order they are listed in. */
export interface ChartTransition {
  readonly source: string;
  readonly trigger: Trigger;
  /** As text, `mayRestart and hasBudget`; null when there is none. */
  readonly guard: string | null;
  /** The states it leads to, as they are written; none for actions only. */
  readonly targets: readonly string[];
  /** A self-transition that leaves the state and enters it again. */
  readonly reenter: boolean;
  readonly actions: readonly string[];
}

/** A statechart as plain data, for pictures and tables. It is JSON. */
export interface Chart {
  readonly id: string;
  /** In document order; the root is first. */
  readonly states: readonly ChartState[];
  readonly transitions: readonly ChartTransition[];
}

/** The children of a state, in document order. */
export function childrenOf(chart: Chart, parent: string): readonly ChartState[] {
  return chart.states.filter((state) => state.parent === parent);
}

/** The state with this name. */
export function stateNamed(chart: Chart, name: string): ChartState {
  const found = chart.states.find((state) => state.name === name);
  if (found === undefined) throw new Error(`The chart "${chart.id}" has no state "${name}".`);
  return found;
}

/** Whether one state is another or lies within it. */
export function isWithin(name: string, ancestor: string): boolean {
  return ancestor === '' || name === ancestor || name.startsWith(`${ancestor}.`);
}

/** The states without children that are entered when this one is. */
export function leavesEnteredBy(chart: Chart, name: string): readonly string[] {
  const { type, initial } = stateNamed(chart, name);
  if (type === 'parallel')
    return childrenOf(chart, name).flatMap((child) => leavesEnteredBy(chart, child.name));
  return initial === null ? [name] : leavesEnteredBy(chart, initial);
}

/** A trigger as people read it: `STOP`, `after stopTimeout`, `done compile`; empty for an immediate one. */
export function triggerText(trigger: Trigger): string {
  switch (trigger.type) {
    case 'event':
      return trigger.event;
    case 'delay':
      return typeof trigger.delay === 'number' ? `after ${trigger.delay} ms` : `after ${trigger.delay}`;
    case 'immediate':
      return '';
    case 'actor':
      return `${trigger.outcome} ${trigger.actor}`;
    case 'done':
      return 'done';
  }
}
