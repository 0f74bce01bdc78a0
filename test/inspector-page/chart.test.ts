import elk from 'elkjs/lib/elk.bundled.js';
import { describe, expect, it } from 'vitest';
import { type Chart, leavesEnteredBy, triggerText } from '../../src/graph/chart.js';
import { readSidecarChart } from '../../src/graph/sidecar-chart.js';
import { writeInspectedChart } from '../../visualizations/inspected-chart.js';
import { chartEdges } from '../../visualizations/inspector/src/chart/chart-edges.js';
import { readLayout } from '../../visualizations/inspector/src/chart/laid-out-chart.js';
import { type Detail, layoutGraph } from '../../visualizations/inspector/src/chart/layout-graph.js';
import { placeLabels } from '../../visualizations/inspector/src/chart/place-labels.js';
import { readV4Machine } from '../../visualizations/inspector/src/chart/read-v4-machine.js';
import { leavesOf } from '../../visualizations/inspector/src/chart/state-value.js';
import { takenEdge } from '../../visualizations/inspector/src/chart/taken-edges.js';
import { xstate4 } from '../inspect/xstate-4.js';

const told = readV4Machine(xstate4.createMachine(JSON.parse(writeInspectedChart())));
const edges = chartEdges(told);

describe('the chart that the page draws', () => {
  it('is the chart of the core, through XState 4 and back', () => {
    const original = readSidecarChart();
    expect(told.states).toEqual(original.states);
    expect(linesOf(told)).toEqual(linesOf(original));
  });

  it('has an edge for every transition, which is the one that is taken', () => {
    for (const { source, trigger, targets } of told.transitions) {
      for (const target of targets) {
        for (const from of leavesEnteredBy(told, source)) {
          // Where it begins is drawn as a dot.
          if (from === 'created') continue;
          for (const to of leavesEnteredBy(told, target)) {
            const edge = takenEdge(edges, { from, to, event: triggerText(trigger) });
            expect(edge?.transitions.map((each) => triggerText(each.trigger))).toContain(
              triggerText(trigger),
            );
          }
        }
      }
    }
  });

  it('tells a crash that is decided at once from the event that came before', () => {
    const event = 'process.exited';
    const decided = takenEdge(edges, { from: 'restarting.deciding', to: 'restarting.backingOff', event });
    expect(decided?.id).toBe('restarting.deciding → restarting.backingOff');
    expect(takenEdge(edges, { from: 'running', to: 'restarting.deciding', event })?.id).toBe(
      'running → restarting.deciding',
    );
    expect(takenEdge(edges, { from: null, to: 'compiling', event: 'xstate.init' })).toBeNull();
  });

  it.each<Detail>(['compact', 'complete'])('has a place for everything: %s', async (detail) => {
    const laidOut = readLayout(told, edges, await new elk.default().layout(layoutGraph(told, edges, detail)));
    const { width, height, states } = laidOut;
    expect(states.map(({ state }) => state.name).toSorted()).toEqual(
      told.states
        .map(({ name }) => name)
        .filter((name) => name !== '' && name !== 'created')
        .toSorted(),
    );
    expect(laidOut.edges).toHaveLength(edges.length);
    for (const { x, y, width: wide, height: high } of states) {
      expect([x, y, width - x - wide, height - y - high].every((space) => space >= 0)).toBe(true);
    }
    for (const { edge, points, label } of laidOut.edges) {
      expect(points.length, edge.id).toBeGreaterThan(1);
      expect(label !== null, edge.id).toBe(detail === 'complete' && edge.lines.length > 0);
    }
    const leaving = laidOut.edges.filter(({ edge }) => edge.source === 'running');
    const places = [...placeLabels(laidOut, leaving).values()];
    expect(places).toHaveLength(leaving.length);
    const overlaps = places.flatMap((one, index) =>
      places.slice(index + 1).filter((other) => {
        const beside = one.x + one.width <= other.x || other.x + other.width <= one.x;
        return !beside && one.y < other.y + other.height && other.y < one.y + one.height;
      }),
    );
    expect(overlaps).toEqual([]);
  });

  it('names the active states as the chart does', () => {
    expect(leavesOf('running')).toEqual(['running']);
    expect(leavesOf({ restarting: 'backingOff' })).toEqual(['restarting.backingOff']);
    expect(leavesOf({ left: { inner: 'a' }, right: {} })).toEqual(['left.inner.a', 'right']);
    expect(leavesOf(undefined)).toEqual([]);
  });
});

/** Each transition in words, in any order but among those of the same trigger. */
function linesOf({ transitions }: Chart): readonly string[] {
  const counted = new Map<string, number>();
  return transitions
    .map(({ source, trigger, guard, targets, reenter, actions }) => {
      const key = `${source} ${triggerText(trigger)}`;
      const index = counted.get(key) ?? 0;
      counted.set(key, index + 1);
      return `${key} ${index} [${guard}] ${targets.join()} ${reenter} ${actions.join()}`;
    })
    .toSorted();
}
