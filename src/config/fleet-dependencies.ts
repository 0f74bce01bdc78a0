import type { ConfigProblem } from './config-error.js';
import { isRecord } from './is-record.js';
import { nearestName } from './suggestion.js';

/** What each sidecar depends on, by name. */
export type DependencyGraph = ReadonlyMap<string, readonly string[]>;

/** The graph in a configuration of which anything else may still be wrong. */
export function dependencyGraph(sidecars: Readonly<Record<string, unknown>>): DependencyGraph {
  return new Map(
    Object.entries(sidecars).map(([name, sidecar]) => {
      const dependsOn = isRecord(sidecar) ? sidecar['dependsOn'] : undefined;
      return [name, isRecord(dependsOn) ? Object.keys(dependsOn) : []];
    }),
  );
}

/** Names that nobody has, and circles. */
export function findDependencyProblems(graph: DependencyGraph): ConfigProblem[] {
  return [...findUnknownNames(graph), ...findCycles(graph)];
}

/**
 * An order in which everything comes after what it depends on, and otherwise as it was written. What is part of a
 * circle is left out.
 */
export function startOrder(graph: DependencyGraph): readonly string[] {
  const order = new Set<string>();
  let left = [...graph.keys()];
  for (let before = -1; left.length !== before; ) {
    before = left.length;
    // The first that can come next, each time anew: a name that was written early stays early.
    const next = left.find((name) => (graph.get(name) ?? []).every((each) => order.has(each)));
    if (next !== undefined) order.add(next);
    left = left.filter((name) => name !== next);
  }
  return [...order];
}

function findUnknownNames(graph: DependencyGraph): ConfigProblem[] {
  const known = [...graph.keys()];
  return [...graph].flatMap(([name, dependencies]) =>
    dependencies
      .filter((each) => !graph.has(each))
      .map((each) => {
        const others = known.filter((other) => other !== name);
        const nearest = nearestName(each, others);
        const hint =
          nearest === null ? `; known are ${others.join(', ') || 'none'}` : `; did you mean "${nearest}"?`;
        return { path: `sidecars.${name}.dependsOn.${each}`, message: `is no sidecar of this fleet${hint}` };
      }),
  );
}

/** Each circle once, told where it closes. */
function findCycles(graph: DependencyGraph): ConfigProblem[] {
  const done = new Set<string>();
  const problems: ConfigProblem[] = [];
  const visit = (name: string, path: readonly string[]) => {
    if (done.has(name)) return;
    for (const next of graph.get(name) ?? []) {
      const begin = [...path, name].indexOf(next);
      if (begin === -1) {
        visit(next, [...path, name]);
        continue;
      }
      const circle = [...[...path, name].slice(begin), next].join(' → ');
      problems.push({
        path: `sidecars.${name}.dependsOn.${next}`,
        message: `closes a circle, in which none could be the first: ${circle}`,
      });
    }
    done.add(name);
  };
  for (const name of graph.keys()) visit(name, []);
  return problems;
}
