import { type Chart, childrenOf, stateNamed } from './chart.js';
import { type Edge, mergeEdges } from './edge-labels.js';

/**
 * The state that a chart begins in, if it is left in the step that enters it and nothing else leads to it: it is only
 * a choice of where to begin, and pictures draw its arrows instead. Null in any other chart.
 */
export function initialChoice(chart: Chart): string | null {
  const { initial } = stateNamed(chart, '');
  if (initial === null || childrenOf(chart, initial).length > 0) return null;
  const isPassed = chart.transitions.some(
    ({ source, trigger, guard, targets }) =>
      source === initial && trigger.type === 'immediate' && guard === null && targets.length > 0,
  );
  const isEntered = chart.transitions.some(({ targets }) => targets.includes(initial));
  return isPassed && !isEntered ? initial : null;
}

/** The arrows from the start of a chart to where it begins. Their guards are all that there is to say about them. */
export function initialEdges(chart: Chart, start: string): readonly Edge[] {
  const { initial } = stateNamed(chart, '');
  const choice = initialChoice(chart);
  if (initial === null) return [];
  if (choice === null) return [{ source: start, target: initial, lines: [] }];
  const transitions = chart.transitions.filter(({ source }) => source === choice);
  return mergeEdges({ ...chart, transitions }).map(({ target, lines }) => {
    return { source: start, target, lines: lines.filter((line) => line !== '[else]') };
  });
}
