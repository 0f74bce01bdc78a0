import type { Chart, ChartTransition } from '../../../../src/graph/chart.js';
import { type Edge, mergeEdges } from '../../../../src/graph/edge-labels.js';
import { initialChoice, initialEdges } from '../../../../src/graph/initial-choice.js';

/** What the picture calls the place where a chart begins. */
export const START = '(start)';

/** All transitions from one state to another: one line in the picture. */
export interface ChartEdge {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  /** What is written on it. */
  readonly lines: readonly string[];
  readonly transitions: readonly ChartTransition[];
}

/** Guards that only drop the reports of an older incarnation say nothing to who looks on. */
const omitGuards = ['isCurrent', 'isStale'];

export function chartEdges(chart: Chart): readonly ChartEdge[] {
  const choice = initialChoice(chart);
  return [
    ...initialEdges(chart, START),
    ...mergeEdges(chart, { omitGuards }).filter(({ source }) => source !== choice),
  ].map((edge) => withTransitions(chart, edge));
}

function withTransitions(chart: Chart, { source, target, lines }: Edge): ChartEdge {
  return {
    id: `${source} → ${target}`,
    source,
    target,
    lines,
    transitions: chart.transitions.filter((each) => each.source === source && each.targets.includes(target)),
  };
}
