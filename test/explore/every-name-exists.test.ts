import { describe, expect, it } from 'vitest';
import type { AnyStateNode } from 'xstate';
import { chartOf, resolveChartConfig } from './chart.js';

const chart = chartOf(resolveChartConfig());
const { root, implementations } = chart;
const nodes = withDescendants(root);

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

/** Actors that actions spawn rather than states invoke. */
const spawned = ['health', 'resources'];

describe('every name that the chart uses exists, which XState does not check', () => {
  it.each(['actions', 'guards', 'delays', 'actors'] as const)('%s', (kind) => {
    const defined = Object.keys(implementations[kind]);
    expect(used[kind].length).toBeGreaterThan(0);
    expect(used[kind].filter((name) => !defined.includes(name))).toEqual([]);
  });

  it.each(['actions', 'guards', 'delays', 'actors'] as const)('and none of the %s is left over', (kind) => {
    const names = [...used[kind], ...(kind === 'actors' ? spawned : [])];
    expect(Object.keys(implementations[kind]).filter((name) => !names.includes(name))).toEqual([]);
  });

  it('every state that a transition leads to is of this chart', () => {
    const targets = nodes.flatMap((node) => transitionsOf(node).flatMap(({ target }) => target ?? []));
    expect(targets.length).toBeGreaterThan(0);
    for (const target of targets) expect(nodes).toContain(target);
  });
});
