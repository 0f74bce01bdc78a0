import { type ReadonlySignal, useComputed, useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { isWithin } from '../../../../src/graph/chart.js';
import type { ShownDelay, ShownTransition } from '../../../../src/inspect/messages.js';
import type { ChartEdge } from './chart-edges.js';
import { leftText, useCountdown } from './countdown.js';
import type { Box, LaidOutEdge } from './laid-out-chart.js';
import { METRICS } from './layout-graph.js';
import { arrowHead, roundedPath } from './polyline.js';

/** How long an edge flashes that was just taken, in milliseconds. */
const FLASH = 1200;

/** A transition that is older when it is heard of was taken before anybody looked, in milliseconds. */
const JUST_NOW = 2000;

interface LineProps {
  readonly line: LaidOutEdge;
  readonly leaves: ReadonlySignal<readonly string[]>;
  readonly taken: ReadonlySignal<ChartEdge | null>;
  readonly last: ReadonlySignal<ShownTransition | null>;
  readonly isLive: ReadonlySignal<boolean>;
  readonly hovered: ReadonlySignal<string | null>;
}

export function EdgeLine({ line, leaves, taken, last, isLive, hovered }: LineProps) {
  const { edge, points } = line;
  const element = useRef<SVGGElement>(null);
  const classes = useComputed(() => {
    const from = hovered.value === null ? leaves.value : [hovered.value];
    return [
      'edge',
      from.some((name) => isWithin(name, edge.source)) ? 'possible' : '',
      taken.value === edge ? 'taken' : '',
    ].join(' ');
  });
  useSignalEffect(() => {
    const transition = last.value;
    if (taken.value !== edge || transition === null || !isLive.value) return;
    if (Date.now() - transition.time < JUST_NOW) flash(element.current);
  });
  return (
    <g ref={element} class={classes} data-edge={edge.id}>
      <path class="edge-line" d={roundedPath(points)} />
      <path class="edge-arrow" d={arrowHead(points)} />
    </g>
  );
}

function flash(element: Element | null): void {
  if (element === null || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  element.animate(
    [
      { strokeWidth: '7px', opacity: 1 },
      { strokeWidth: '2.5px', opacity: 1 },
    ],
    {
      duration: FLASH,
      easing: 'ease-out',
    },
  );
}

interface LabelProps {
  readonly edge: ChartEdge;
  readonly box: Box;
  readonly leaves: ReadonlySignal<readonly string[]>;
  readonly taken: ReadonlySignal<ChartEdge | null>;
  /** The timer that runs now. */
  readonly delay: ReadonlySignal<ShownDelay | null>;
}

/** What is written on an edge: events, guards in brackets, delays; one that runs counts down. */
export function EdgeLabel({ edge, box, leaves, taken, delay }: LabelProps) {
  const isPossible = useComputed(() => leaves.value.some((leaf) => isWithin(leaf, edge.source)));
  const running = useComputed(() => {
    const { value } = delay;
    const isTimed =
      value !== null &&
      isPossible.value &&
      edge.transitions.some(
        ({ trigger }) => trigger.type === 'delay' && String(trigger.delay) === value.name,
      );
    return isTimed ? value : null;
  });
  const classes = useComputed(
    () => `edge-label ${isPossible.value ? 'possible' : ''} ${taken.value === edge ? 'taken' : ''}`,
  );
  const { value } = running;
  return (
    <g class={classes} data-label={edge.id}>
      <rect x={box.x} y={box.y} width={box.width} height={box.height} rx={5} />
      {edge.lines.map((text, index) => (
        <text
          key={text}
          class={text.startsWith('[') ? 'guard' : undefined}
          x={box.x + 6}
          y={box.y + METRICS.labelLine * (index + 1) - 1}
        >
          {text}
        </text>
      ))}
      {value === null ? null : <RunningDelay key={value.endsAt} delay={value} box={box} />}
    </g>
  );
}

function RunningDelay({ delay, box }: { readonly delay: ShownDelay; readonly box: Box }) {
  const text = useRef<SVGTextElement>(null);
  const bar = useRef<SVGRectElement>(null);
  useCountdown(delay, (left) => {
    if (text.current !== null) text.current.textContent = leftText(left);
    const share = delay.after === 0 ? 0 : Math.min(1, left / delay.after);
    bar.current?.setAttribute('width', String(box.width * share));
  });
  return (
    <g class="countdown" data-countdown={delay.name}>
      <rect class="countdown-back" x={box.x} y={box.y + box.height + 2} width={box.width} height={4} rx={2} />
      <rect
        ref={bar}
        class="countdown-bar"
        x={box.x}
        y={box.y + box.height + 2}
        width={0}
        height={4}
        rx={2}
      />
      <rect class="countdown-pill" x={box.x + box.width + 4} y={box.y} width={56} height={18} rx={9} />
      <text ref={text} class="countdown-text" x={box.x + box.width + 32} y={box.y + 13} />
    </g>
  );
}
