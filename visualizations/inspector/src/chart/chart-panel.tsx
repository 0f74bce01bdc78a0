import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { InspectedSidecar } from '../model/inspected-sidecar.js';
import { notify } from '../model/notices.js';
import { Icon } from '../panels/icon.js';
import { inspection } from '../session.js';
import { ChartPicture } from './chart-picture.js';
import type { LaidOutChart } from './laid-out-chart.js';
import { layOut } from './lay-out.js';
import type { Detail } from './layout-graph.js';
import { Viewport } from './viewport.js';

const KEY_STEP = 60;
const ZOOM_STEP = 1.25;

/** The statechart, to be zoomed and moved by mouse, fingers and keys. */
export function ChartPanel({ sidecar }: { readonly sidecar: InspectedSidecar }) {
  const detail = useSignal<Detail>('compact');
  const laidOut = useSignal<LaidOutChart | null>(null);
  const viewport = useMemo(() => new Viewport(), []);
  const place = useRef<HTMLDivElement>(null);
  const label = useComputed(() => {
    const states = inspection.value.shownLeaves.value.join(', ');
    return `Statechart of ${sidecar.id}. Active: ${states}. Arrow keys move it, plus and minus zoom, 0 fits it.`;
  });

  useSignalEffect(() => {
    layOut(sidecar.chart, detail.value).then(
      (chart) => {
        laidOut.value = chart;
        if (place.current !== null) viewport.fit(sizeOf(place.current), chart);
      },
      (error: unknown) => notify(`The chart can't be laid out: ${String(error)}`),
    );
  });

  useEffect(() => {
    const { current } = place;
    if (current === null) return;
    const observer = new ResizeObserver(() => {
      if (laidOut.value !== null) viewport.refit(sizeOf(current), laidOut.value);
    });
    observer.observe(current);
    // Preact would listen passively, and the page would scroll as well.
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey && document.activeElement !== current) return;
      event.preventDefault();
      viewport.zoom(Math.exp(-event.deltaY / 400), pointIn(current, event));
    };
    current.addEventListener('wheel', onWheel, { passive: false });
    return () => {
      observer.disconnect();
      current.removeEventListener('wheel', onWheel);
    };
  }, [viewport, laidOut]);

  const zoom = (factor: number) => {
    if (place.current !== null) viewport.zoom(factor, middleOf(place.current));
  };
  const fit = () => {
    if (place.current !== null && laidOut.value !== null) viewport.fit(sizeOf(place.current), laidOut.value);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const action = keys(viewport, zoom, fit)[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  };

  return (
    <section class="panel chart-panel" aria-label="Statechart">
      <div
        ref={place}
        class="chart-place"
        role="application"
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved by keys
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => drag(event, viewport)}
      >
        {laidOut.value === null ? <p class="waiting">Laying the chart out…</p> : null}
        {laidOut.value === null ? null : (
          <ChartPicture key={laidOut.value} laidOut={laidOut.value} viewport={viewport} sidecar={sidecar} />
        )}
      </div>
      <div class="chart-tools">
        <button
          type="button"
          aria-pressed={detail.value === 'complete'}
          onClick={() => {
            detail.value = detail.value === 'complete' ? 'compact' : 'complete';
          }}
        >
          All guards
        </button>
        <button type="button" class="icon-button" title="Larger (+)" onClick={() => zoom(ZOOM_STEP)}>
          <Icon name="plus" />
          <span class="unseen">Larger</span>
        </button>
        <button type="button" class="icon-button" title="Smaller (-)" onClick={() => zoom(1 / ZOOM_STEP)}>
          <Icon name="minus" />
          <span class="unseen">Smaller</span>
        </button>
        <button type="button" class="icon-button" title="Fit (0)" onClick={fit}>
          <Icon name="fit" />
          <span class="unseen">Fit</span>
        </button>
      </div>
    </section>
  );
}

function keys(
  viewport: Viewport,
  zoom: (factor: number) => void,
  fit: () => void,
): Readonly<Record<string, () => void>> {
  return {
    ArrowLeft: () => viewport.move(KEY_STEP, 0),
    ArrowRight: () => viewport.move(-KEY_STEP, 0),
    ArrowUp: () => viewport.move(0, KEY_STEP),
    ArrowDown: () => viewport.move(0, -KEY_STEP),
    '+': () => zoom(ZOOM_STEP),
    '=': () => zoom(ZOOM_STEP),
    '-': () => zoom(1 / ZOOM_STEP),
    '0': fit,
  };
}

/** Follows the pointer until it is lifted. */
function drag(down: PointerEvent & { readonly currentTarget: HTMLElement }, viewport: Viewport): void {
  if (down.button !== 0) return;
  const { currentTarget: place } = down;
  let [x, y] = [down.clientX, down.clientY];
  place.setPointerCapture(down.pointerId);
  const onMove = (event: PointerEvent) => {
    viewport.move(event.clientX - x, event.clientY - y);
    [x, y] = [event.clientX, event.clientY];
  };
  const onEnd = () => {
    place.removeEventListener('pointermove', onMove);
    place.removeEventListener('pointerup', onEnd);
    place.removeEventListener('pointercancel', onEnd);
  };
  place.addEventListener('pointermove', onMove);
  place.addEventListener('pointerup', onEnd);
  place.addEventListener('pointercancel', onEnd);
}

function sizeOf({ clientWidth, clientHeight }: HTMLElement) {
  return { width: clientWidth, height: clientHeight };
}

function middleOf({ clientWidth, clientHeight }: HTMLElement) {
  return { x: clientWidth / 2, y: clientHeight / 2 };
}

function pointIn(element: HTMLElement, { clientX, clientY }: MouseEvent) {
  const { left, top } = element.getBoundingClientRect();
  return { x: clientX - left, y: clientY - top };
}
