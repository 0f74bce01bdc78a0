import { describe, expect, it } from 'vitest';
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { createFleetChart } from '../../machines/fleet.js';
import { chartOf, resolveChartConfig } from './chart.js';

interface NamedChart {
  readonly chart: AnyStateMachine;
  readonly kinds: readonly ('actions' | 'guards' | 'delays' | 'actors')[];
  /** Actors that actions spawn rather than states invoke. */
  readonly spawned: readonly string[];
}

const charts: Readonly<Record<string, NamedChart>> = {
  'of a sidecar': {
    chart: chartOf(resolveChartConfig()),
    kinds: ['actions', 'guards', 'delays', 'actors'],
    spawned: ['health', 'resources'],
  },
  'of a fleet': {
    chart: createFleetChart({ now: () => 0, random: () => 0 }),
    // Its delays are those of its members.
    kinds: ['actions', 'guards', 'actors'],
    spawned: [],
  },
};

function withDescendants(node: AnyStateNode): AnyStateNode[] {
  return [node, ...Object.values(node.states).flatMap(withDescendants)];
}

function transitionsOf(node: AnyStateNode) {
  return [...[...node.transitions.values()].flat(), ...(node.always ?? [])];
}

/** The names in actions and guards: a string, an object with a type, or a combination of guards. */
function namesIn(reference: unknown): string[] {
  if (typeof reference === 'string') return [reference];
  if (Array.isArray(reference)) return reference.flatMap(namesIn);
  if (typeof reference === 'function') {
    return 'guards' in reference ? namesIn(reference.guards) : [];
  }
  if (typeof reference !== 'object' || reference === null) return [];
  return 'type' in reference ? namesIn(reference.type) : [];
}

describe.each(Object.entries(charts))(
  'every name that the chart %s uses exists, which XState does not check',
  (_, { chart, kinds, spawned }) => {
    const { root, implementations } = chart;
    const nodes = withDescendants(root);
    const used = {
      actions: nodes.flatMap((node) => [
        ...namesIn(node.entry),
        ...namesIn(node.exit),
        ...transitionsOf(node).flatMap(({ actions }) => namesIn(actions)),
      ]),
      guards: nodes.flatMap((node) => transitionsOf(node).flatMap(({ guard }) => namesIn(guard))),
      delays: nodes.flatMap((node) => node.after.flatMap(({ delay }) => namesIn(delay))),
      actors: nodes.flatMap((node) => node.invoke.flatMap(({ src }) => namesIn(src))),
    };

    it.each(kinds)('%s', (kind) => {
      const defined = Object.keys(implementations[kind]);
      expect(used[kind].length).toBeGreaterThan(0);
      expect(used[kind].filter((name) => !defined.includes(name))).toEqual([]);
    });

    it.each(kinds)('and none of the %s is left over', (kind) => {
      const names = [...used[kind], ...(kind === 'actors' ? spawned : [])];
      expect(Object.keys(implementations[kind]).filter((name) => !names.includes(name))).toEqual([]);
    });

    it('every state that a transition leads to is of this chart', () => {
      const targets = nodes.flatMap((node) => transitionsOf(node).flatMap(({ target }) => target ?? []));
      expect(targets.length).toBeGreaterThan(0);
      for (const target of targets) expect(nodes).toContain(target);
    });
  },
);
