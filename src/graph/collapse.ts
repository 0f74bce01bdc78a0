import { type Chart, type ChartTransition, stateNamed } from './chart.js';

/**
 * The chart as seen from a distance: only its top-level states. What happens within one of them is left out, what
 * leads out of it leads out of the whole.
 */
export function collapse(chart: Chart): Chart {
  const root = stateNamed(chart, '');
  const states = chart.states.filter(({ parent }) => parent === '');
  return {
    id: chart.id,
    states: [
      { ...root, initial: root.initial === null ? null : topLevel(root.initial) },
      ...states.map((state) =>
        state.type === 'final' ? state : ({ ...state, type: 'atomic', initial: null } as const),
      ),
    ],
    transitions: chart.transitions.flatMap(collapseTransition),
  };
}

function collapseTransition(transition: ChartTransition): ChartTransition[] {
  const source = topLevel(transition.source);
  const targets = transition.targets.map(topLevel);
  const staysWithin = targets.length > 0 && targets.every((target) => target === source);
  const isSelfTransition = transition.targets.every((target) => target === transition.source);
  if (staysWithin && !(isSelfTransition && transition.source === source)) return [];
  return [{ ...transition, source, targets }];
}

function topLevel(name: string): string {
  return name.split('.')[0] ?? name;
}
