import { isWithin, triggerText } from '../../../../src/graph/chart.js';
import type { ChartEdge } from './chart-edges.js';

/** What is known of a transition that was taken. */
export interface Taken {
  readonly from: string | null;
  readonly to: string;
  /** The event's type: `process.exited`, `after backoff`. */
  readonly event: string;
}

/** The edge by which it was taken: the innermost that leads there on that event, or at once. Null if it is not drawn. */
export function takenEdge(edges: readonly ChartEdge[], { from, to, event }: Taken): ChartEdge | null {
  if (from === null) return null;
  const possible = edges
    .filter(({ source, target }) => isWithin(from, source) && isWithin(to, target))
    .toSorted((one, other) => depth(other) - depth(one));
  return (
    possible.find((edge) => edge.transitions.some(({ trigger }) => triggerText(trigger) === event)) ??
    possible.find((edge) => edge.transitions.some(({ trigger }) => trigger.type === 'immediate')) ??
    possible[0] ??
    null
  );
}

/** How exact an edge is: the longer its ends' names, the deeper they are. */
function depth({ source, target }: ChartEdge): number {
  return source.length * 1000 + target.length;
}
