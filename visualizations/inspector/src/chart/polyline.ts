import type { Point } from './laid-out-chart.js';

const RADIUS = 7;

/** The path through the points, its corners rounded. */
export function roundedPath(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  const parts = [`M${first.x} ${first.y}`];
  let previous = first;
  for (const [index, point] of rest.entries()) {
    const next = rest[index + 1];
    if (next === undefined) {
      parts.push(`L${point.x} ${point.y}`);
    } else {
      const radius = Math.min(RADIUS, distance(previous, point) / 2, distance(point, next) / 2);
      const [before, after] = [towards(point, previous, radius), towards(point, next, radius)];
      parts.push(`L${before.x} ${before.y}Q${point.x} ${point.y} ${after.x} ${after.y}`);
    }
    previous = point;
  }
  return parts.join('');
}

/** The triangle at the end of the points. */
export function arrowHead(points: readonly Point[]): string {
  const [tip, before] = [points.at(-1), points.at(-2)];
  if (tip === undefined || before === undefined) return '';
  const base = towards(tip, before, 8);
  const [dx, dy] = [(tip.y - base.y) / 2, (base.x - tip.x) / 2];
  return `M${tip.x} ${tip.y}L${base.x + dx} ${base.y + dy}L${base.x - dx} ${base.y - dy}Z`;
}

export function distance(from: Point, to: Point): number {
  return Math.hypot(to.x - from.x, to.y - from.y);
}

/** The point at that distance from `from` on the way to `to`. */
export function towards(from: Point, to: Point, length: number): Point {
  const whole = distance(from, to);
  const share = whole === 0 ? 0 : length / whole;
  return { x: round(from.x + (to.x - from.x) * share), y: round(from.y + (to.y - from.y) * share) };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
