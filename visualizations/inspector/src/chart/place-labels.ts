import type { ChartEdge } from './chart-edges.js';
import type { Box, LaidOutChart, LaidOutEdge, Point } from './laid-out-chart.js';
import { labelSize } from './layout-graph.js';
import { distance } from './polyline.js';

/** How far from each other two places on a line are that are tried. */
const STEP = 14;

/** What it costs to cover so much of another label, or of a state, for each square pixel; and to be a pixel away. */
const COST = { label: 40, state: 30, distance: 0.6 };

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
  for (const { edge, points } of edges) {
    if (edge.lines.length === 0) continue;
    const size = labelSize(edge.lines);
    let best: { readonly box: Box; readonly cost: number } | null = null;
    for (const { point, along } of placesOn(points)) {
      const box = within(
        { ...size, x: point.x - size.width / 2, y: point.y - size.height / 2 },
        width,
        height,
      );
      const cost =
        along * COST.distance +
        sum([...places.values()].map((each) => overlap(box, each) * COST.label)) +
        sum(leaves.map((each) => overlap(box, each) * COST.state));
      if (best === null || cost < best.cost) best = { box, cost };
    }
    if (best !== null) places.set(edge, best.box);
  }
  return places;
}

function placesOn(points: readonly Point[]): readonly { readonly point: Point; readonly along: number }[] {
  const places: { point: Point; along: number }[] = [];
  let along = 0;
  for (const [index, from] of points.entries()) {
    const to = points[index + 1];
    if (to === undefined) break;
    const length = distance(from, to);
    for (let at = STEP / 2; at < length; at += STEP) {
      const share = at / length;
      const point = { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
      places.push({ point, along: along + at });
    }
    along += length;
  }
  return places;
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
