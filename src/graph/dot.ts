import { type Chart, type ChartState, childrenOf, isWithin, leavesEnteredBy } from './chart.js';
import { type Edge, type EdgeOptions, leadsInside, mergeEdges } from './edge-labels.js';
import { initialChoice, initialEdges } from './initial-choice.js';

/** Draws a chart for Graphviz: `dot -Tsvg`. Transitions without a target are left out. */
export function toDot(chart: Chart, options: EdgeOptions = {}): string {
  const choice = initialChoice(chart);
  const edges = mergeEdges(chart, options).filter(({ source }) => source !== choice);
  const starts = initialEdges(chart, '(start)');
  const body = [
    'compound=true',
    'node [shape=box style=rounded fontname="sans-serif"]',
    'edge [fontname="sans-serif" fontsize=10]',
    ...(starts.length === 0 ? [] : ['"(start)" [shape=point]']),
    ...starts.map((edge) => drawEdge(chart, edge)),
    ...drawInside(chart, edges, ''),
    ...edges.map((edge) => drawEdge(chart, edge)),
  ];
  return [`digraph ${quote(chart.id)} {`, ...body.map((line) => `  ${line}`), '}', ''].join('\n');
}

function drawInside(chart: Chart, edges: readonly Edge[], parent: string): string[] {
  const startsHere = edges.some((edge) => edge.source === parent && leadsInside(chart, edge));
  return [
    ...childrenOf(chart, parent)
      .filter(({ name }) => name !== initialChoice(chart))
      .flatMap((state) => drawState(chart, edges, state)),
    ...(startsHere ? [`${quote(anyNodeOf(parent))} [label="(any of these)" style="rounded,dashed"]`] : []),
  ];
}

function drawState(chart: Chart, edges: readonly Edge[], { name, key, type }: ChartState): string[] {
  const inside = drawInside(chart, edges, name);
  const shape = type === 'final' ? ' peripheries=2' : '';
  if (inside.length === 0) return [`${quote(name)} [label=${quote(key)}${shape}]`];
  const lines = [`label=${quote(key)}`, ...inside].map((line) => `  ${line}`);
  return [`subgraph ${quote(clusterOf(name))} {`, ...lines, '}'];
}

function drawEdge(chart: Chart, edge: Edge): string {
  const { source, target, lines } = edge;
  const label = lines.length === 0 ? [] : [`label=${quote(lines.join('\n'))}`];
  const isInner = isWithin(source, target) || leadsInside(chart, edge);
  // Graphviz draws edges between nodes only, and cuts them off at a frame when it is told to.
  const tail = isFrame(chart, source) && !isInner ? [`ltail=${quote(clusterOf(source))}`] : [];
  const head = isFrame(chart, target) && !isInner ? [`lhead=${quote(clusterOf(target))}`] : [];
  const from = leadsInside(chart, edge) ? anyNodeOf(source) : nodeOf(chart, source);
  const attributes = [...label, ...tail, ...head].join(' ');
  return `${quote(from)} -> ${quote(nodeOf(chart, target))}${attributes === '' ? '' : ` [${attributes}]`}`;
}

function isFrame(chart: Chart, name: string): boolean {
  return childrenOf(chart, name).length > 0;
}

function nodeOf(chart: Chart, name: string): string {
  return isFrame(chart, name) ? (leavesEnteredBy(chart, name)[0] ?? name) : name;
}

function anyNodeOf(name: string): string {
  return `${name} (any)`;
}

function clusterOf(name: string): string {
  return `cluster ${name}`;
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
