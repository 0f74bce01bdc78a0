import type { ChartEdge } from './chart-edges.js';
import type { Box, LaidOutChart, LaidOutEdge, Point } from './laid-out-chart.js';
import { labelSize } from './layout-graph.js';
import { distance } from './polyline.js';

/** How far from each other two places on a line are that are tried. */
const STEP = 14;

/**
 * What it costs to cover so much of another label, or of a state, for each square pixel; to be a pixel farther from the
 * beginning; and not to be on the line.
 */
const COST = { label: 40, state: 60, distance: 0.6, aside: 30 };

/**
 * Where what is written on these edges is best put, of a picture that has no room for it: on the line, near its
 * beginning, over no other of them, and over no state if that can be.
 */
export function placeLabels(
  { states, width, height }: LaidOutChart,
  edges: readonly LaidOutEdge[],
): ReadonlyMap<ChartEdge, Box> {
  const leaves = states.filter(({ isCompound }) => !isCompound);
  const places = new Map<ChartEdge, Box>();
  // A short line has few places.
  const shortestFirst = edges.toSorted((one, other) => lengthOf(one.points) - lengthOf(other.points));
  for (const { edge, points } of shortestFirst) {
    if (edge.lines.length === 0) continue;
    const size = labelSize(edge.lines);
    let best: { readonly box: Box; readonly cost: number } | null = null;
    for (const place of placesOn(points, size)) {
      const box = within({ ...size, ...place.point }, width, height);
      const cost =
        place.cost +
        sum([...places.values()].map((each) => overlap(box, each) * COST.label)) +
        sum(leaves.map((each) => overlap(box, each) * COST.state));
      if (best === null || cost < best.cost) best = { box, cost };
    }
    if (best !== null) places.set(edge, best.box);
  }
  return places;
}

function lengthOf(points: readonly Point[]): number {
  return sum(points.slice(1).map((point, index) => distance(points[index] ?? point, point)));
}

interface Place {
  /** Of the upper left corner. */
  readonly point: Point;
  /** What it costs to be so far from the beginning of the line, and from the line. */
  readonly cost: number;
}

type Size = Pick<Box, 'width' | 'height'>;

function placesOn(points: readonly Point[], size: Size): readonly Place[] {
  const places: Place[] = [];
  let along = 0;
  for (const [index, from] of points.entries()) {
    const to = points[index + 1];
    if (to === undefined) break;
    const length = distance(from, to);
    for (let at = STEP / 2; at < length; at += STEP) {
      const share = at / length;
      const [x, y] = [from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share];
      places.push(...placesAt({ x, y }, size, (along + at) * COST.distance));
    }
    along += length;
  }
  return places;
}

/** Over the line, and at both sides of it. */
function placesAt({ x, y }: Point, { width, height }: Size, cost: number): readonly Place[] {
  const [left, top] = [x - width / 2, y - height / 2];
  const aside = width / 2 + 4;
  return [
    { point: { x: left, y: top }, cost },
    { point: { x: left - aside, y: top }, cost: cost + COST.aside },
    { point: { x: left + aside, y: top }, cost: cost + COST.aside },
    { point: { x: left - aside - width / 2, y: top }, cost: cost + 2 * COST.aside },
    { point: { x: left + aside + width / 2, y: top }, cost: cost + 2 * COST.aside },
  ];
}

function within({ x, y, width, height }: Box, mostX: number, mostY: number): Box {
  return {
    x: Math.max(2, Math.min(x, mostX - width - 2)),
    y: Math.max(2, Math.min(y, mostY - height - 2)),
    width,
    height,
  };
}

function overlap(one: Box, other: Box): number {
  const width = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
  const height = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
  return Math.max(0, width) * Math.max(0, height);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
