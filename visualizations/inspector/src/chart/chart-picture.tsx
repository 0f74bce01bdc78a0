import { type ReadonlySignal, useComputed, useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { isWithin } from '../../../../src/graph/chart.js';
import type { InspectedSidecar } from '../model/inspected-sidecar.js';
import { runningDelay } from '../model/running-delay.js';
import { countVisits } from '../model/visits.js';
import { inspection } from '../session.js';
import { EdgeLabel, EdgeLine } from './chart-edge.js';
import { ChartState } from './chart-state.js';
import type { LaidOutChart } from './laid-out-chart.js';
import { placeLabels } from './place-labels.js';
import { takenEdge } from './taken-edges.js';
import type { Viewport } from './viewport.js';

interface Props {
  readonly laidOut: LaidOutChart;
  readonly viewport: Viewport;
  readonly sidecar: InspectedSidecar;
}

/** The picture is made once; what changes are classes and words. */
export function ChartPicture({ laidOut, viewport, sidecar }: Props) {
  const transform = useComputed(() => viewport.transform);
  const hovered = useSignal<string | null>(null);
  const leaves = useComputed(() => inspection.value.shownLeaves.value);
  const visits = useComputed(() => countVisits(inspection.value.shownTransitions.value));
  const last = useComputed(() => inspection.value.shownTransitions.value.at(-1) ?? null);
  const isLive = useComputed(() => inspection.value.moment.value === null);
  const edges = useMemo(() => laidOut.edges.map(({ edge }) => edge), [laidOut]);
  const taken = useComputed(() => (last.value === null ? null : takenEdge(edges, last.value)));
  const delay = useComputed(() => runningDelay(last.value, isLive.value));
  const labels = useLabels(laidOut, leaves, hovered);
  return (
    <svg class="chart" aria-hidden="true" width="100%" height="100%">
      <g transform={transform}>
        {laidOut.states
          .filter(({ isCompound }) => isCompound)
          .map((place) => (
            <ChartState
              key={place.state.name}
              {...{ place, sidecar, leaves, visits, last, isLive, hovered }}
            />
          ))}
        {laidOut.start === null ? null : (
          <circle
            class="start"
            cx={laidOut.start.x + laidOut.start.width / 2}
            cy={laidOut.start.y + laidOut.start.height / 2}
            r={laidOut.start.width / 2}
          />
        )}
        {laidOut.edges.map((line) => (
          <EdgeLine key={line.edge.id} {...{ line, leaves, taken, last, isLive, hovered }} />
        ))}
        {laidOut.states
          .filter(({ isCompound }) => !isCompound)
          .map((place) => (
            <ChartState
              key={place.state.name}
              {...{ place, sidecar, leaves, visits, last, isLive, hovered }}
            />
          ))}
        <RootInvokes laidOut={laidOut} />
        {[...labels.value].map(([edge, box]) => (
          <EdgeLabel key={edge.id} {...{ edge, box, leaves, taken, delay }} />
        ))}
      </g>
    </svg>
  );
}

/** All labels where the layout has room for them; else those of the edges that leave what is active or pointed at. */
function useLabels(
  laidOut: LaidOutChart,
  leaves: ReadonlySignal<readonly string[]>,
  hovered: ReadonlySignal<string | null>,
) {
  const isComplete = laidOut.edges.some(({ label }) => label !== null);
  return useComputed(() => {
    if (isComplete)
      return new Map(
        laidOut.edges.flatMap(({ edge, label }) => (label === null ? [] : [[edge, label] as const])),
      );
    const { value } = hovered;
    const from = value === null ? leaves.value : [value];
    return placeLabels(
      laidOut,
      laidOut.edges.filter(({ edge }) => from.some((name) => isWithin(name, edge.source))),
    );
  });
}

/** What is invoked for the whole life of the machine. */
function RootInvokes({ laidOut }: { readonly laidOut: LaidOutChart }) {
  const [root] = laidOut.chart.states;
  if (root === undefined || root.invokes.length === 0) return null;
  return (
    <text class="root-invokes" x={20} y={24}>
      {laidOut.chart.id} · always runs: {root.invokes.join(', ')}
    </text>
  );
}
