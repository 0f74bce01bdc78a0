import { type ReadonlySignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { theme } from '../theme.js';

export interface Plotted {
  /** Unix time in milliseconds. */
  readonly time: number;
  readonly value: number;
  /** Drawn as a mark of its own. */
  readonly isBad?: boolean;
}

interface Limits {
  readonly max: number | null;
  readonly soft: number | null;
}

interface Props {
  readonly points: ReadonlySignal<readonly Plotted[]>;
  readonly limits: ReadonlySignal<Limits>;
}

const HEIGHT = 46;

/** A line over time, with its limits across. The numbers are beside it in words. */
export function LineChart({ points, limits }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);

  useEffect(() => {
    const { current } = place;
    if (current === null) return;
    const observer = new ResizeObserver(() => {
      plot.current?.setSize({ width: Math.max(40, current.clientWidth), height: HEIGHT });
    });
    observer.observe(current);
    return () => {
      observer.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, []);

  // The colours are drawn, so another theme is another drawing.
  useSignalEffect(() => {
    theme.value;
    const { current } = place;
    plot.current?.destroy();
    plot.current = current === null ? null : createPlot(current);
    plot.current?.setData(dataOf(points.peek(), limits.peek()));
  });

  useSignalEffect(() => {
    plot.current?.setData(dataOf(points.value, limits.value));
  });

  return <div ref={place} class="line-chart" aria-hidden="true" />;
}

function dataOf(points: readonly Plotted[], { max, soft }: Limits): uPlot.AlignedData {
  return [
    points.map(({ time }) => time / 1000),
    points.map(({ value }) => value),
    points.map(() => max),
    points.map(() => soft),
    points.map(({ value, isBad = false }) => (isBad ? value : null)),
  ];
}

function createPlot(place: HTMLElement): uPlot {
  const styles = getComputedStyle(place);
  const color = (name: string) => styles.getPropertyValue(name).trim();
  const { clientWidth } = place;
  return new uPlot(
    {
      width: Math.max(40, clientWidth),
      height: HEIGHT,
      padding: [4, 2, 4, 2],
      legend: { show: false },
      cursor: { show: false },
      select: { show: false, left: 0, top: 0, width: 0, height: 0 },
      axes: [{ show: false }, { show: false }],
      scales: { y: { range: (_, least, most) => rangeOf(least, most) } },
      series: [
        {},
        { stroke: color('--line'), width: 1.5, fill: color('--line-fill'), points: { show: false } },
        { stroke: color('--bad'), width: 1, dash: [4, 3], points: { show: false } },
        { stroke: color('--warn'), width: 1, dash: [2, 3], points: { show: false } },
        { paths: () => null, points: { show: true, size: 5, fill: color('--bad'), stroke: color('--bad') } },
      ],
    },
    [[], [], [], [], []],
    place,
  );
}

/** From nothing to what is most, the limits included. */
function rangeOf(_least: number | null, most: number | null): [number, number] {
  return [0, Math.max(most ?? 1, 0.001) * 1.1];
}
