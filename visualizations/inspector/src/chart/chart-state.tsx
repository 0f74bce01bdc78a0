import { type ReadonlySignal, type Signal, useComputed } from '@preact/signals';
import { isWithin } from '../../../../src/graph/chart.js';
import type { ShownTransition } from '../../../../src/inspect/messages.js';
import type { InspectedSidecar } from '../model/inspected-sidecar.js';
import { toneOf } from '../model/tone.js';
import type { Visits } from '../model/visits.js';
import { clock } from '../time/clock.js';
import { durationText } from '../time/words.js';
import { hypothesis } from './hypothesis.js';
import type { LaidOutState } from './laid-out-chart.js';
import { METRICS } from './layout-graph.js';

interface Props {
  readonly place: LaidOutState;
  readonly sidecar: InspectedSidecar;
  readonly leaves: ReadonlySignal<readonly string[]>;
  readonly visits: ReadonlySignal<ReadonlyMap<string, Visits>>;
  readonly last: ReadonlySignal<ShownTransition | null>;
  readonly isLive: ReadonlySignal<boolean>;
  readonly hovered: Signal<string | null>;
}

export function ChartState({ place, sidecar, leaves, visits, last, isLive, hovered }: Props) {
  const { state, isCompound, x, y, width, height } = place;
  const { name } = state;
  const isActive = useComputed(() => leaves.value.some((leaf) => isWithin(leaf, name)));
  const classes = useComputed(() => {
    const would = hypothesis.value;
    return [
      'state',
      isCompound ? 'compound' : 'leaf',
      `tone-${toneOf(name, sidecar.facts.value?.reason)}`,
      isActive.value ? 'active' : '',
      isActive.value || visits.value.has(name) ? '' : 'unvisited',
      would !== null && would.sidecar === sidecar.id && would.to === name ? 'would' : '',
    ].join(' ');
  });
  const summary = useComputed(() => {
    const { count, total } = visits.value.get(name) ?? { count: 0, total: 0 };
    if (count === 0 && !isActive.value) return isCompound ? '' : 'never';
    const since = last.value?.time;
    const now = isActive.value && isLive.value && since !== undefined ? Math.max(0, clock.value - since) : 0;
    return `${count}× · ${durationText(total + now)}`;
  });
  const onPointerEnter = () => {
    hovered.value = name;
  };
  const onPointerLeave = () => {
    hovered.value = null;
  };
  return (
    <g
      class={classes}
      data-state={name}
      data-active={useComputed(() => String(isActive.value))}
      {...(isCompound ? {} : { onPointerEnter, onPointerLeave })}
    >
      <rect class="state-box" x={x} y={y} width={width} height={height} rx={isCompound ? 14 : 10} />
      <text class="state-name" x={x + 14} y={y + (isCompound ? 24 : 20)}>
        {state.key}
      </text>
      <text class="state-visits" x={isCompound ? x + width - 14 : x + 14} y={y + (isCompound ? 24 : 36)}>
        {summary}
      </text>
      {state.invokes.map((actor, index) => (
        <Invoke
          key={actor}
          actor={actor}
          x={x + 10}
          y={y + METRICS.stateHeight - 2 + index * METRICS.chipHeight}
        />
      ))}
    </g>
  );
}

/** What runs while the state is active. */
function Invoke({ actor, x, y }: { readonly actor: string; readonly x: number; readonly y: number }) {
  const width = (actor.length + 2) * METRICS.chipCharacter + 12;
  return (
    <g class="invoke">
      <rect x={x} y={y} width={width} height={17} rx={8.5} />
      <text x={x + 8} y={y + 12.5}>
        ⚙ {actor}
      </text>
    </g>
  );
}
