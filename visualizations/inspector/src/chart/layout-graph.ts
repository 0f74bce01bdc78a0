import type { ElkExtendedEdge, ElkNode, LayoutOptions } from 'elkjs/lib/elk-api.js';
import type { Chart, ChartState } from '../../../../src/graph/chart.js';
import { childrenOf } from '../../../../src/graph/chart.js';
import { initialChoice } from '../../../../src/graph/initial-choice.js';
import { type ChartEdge, START } from './chart-edges.js';

/** What is drawn has the sizes that the layout was made for; in CSS pixels. */
export const METRICS = {
  /** Of the monospaced text on edges: its width is known without measuring it. */
  labelCharacter: 6.05,
  labelLine: 13,
  nameCharacter: 7.9,
  chipCharacter: 6.1,
  start: 16,
  stateHeight: 46,
  chipHeight: 22,
  /** Above the children of a compound state. */
  headerHeight: 40,
} as const;

/** `compact` has room for the lines alone: what is written on them is shown for one state at a time. */
export type Detail = 'compact' | 'complete';

const COMMON: LayoutOptions = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  // From where it begins to where it ends, as it is written.
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER',
  'elk.padding': '[top=44,left=20,bottom=20,right=20]',
};

const OPTIONS: Readonly<Record<Detail, LayoutOptions>> = {
  compact: {
    ...COMMON,
    'elk.layered.spacing.nodeNodeBetweenLayers': '18',
    'elk.layered.spacing.edgeNodeBetweenLayers': '8',
    'elk.layered.spacing.edgeEdgeBetweenLayers': '6',
    'elk.spacing.nodeNode': '24',
    'elk.spacing.edgeNode': '10',
    'elk.spacing.edgeEdge': '7',
  },
  complete: {
    ...COMMON,
    'elk.layered.spacing.nodeNodeBetweenLayers': '26',
    'elk.layered.spacing.edgeNodeBetweenLayers': '14',
    'elk.layered.spacing.edgeEdgeBetweenLayers': '10',
    'elk.spacing.nodeNode': '26',
    'elk.spacing.edgeNode': '16',
    'elk.spacing.edgeEdge': '12',
    'elk.spacing.edgeLabel': '4',
    'elk.edgeLabels.inline': 'true',
  },
};

const INSIDE: LayoutOptions = {
  'elk.padding': `[top=${METRICS.headerHeight + 10},left=16,bottom=16,right=16]`,
};

/** The chart as ELK lays it out: states within states, all edges at the root. */
export function layoutGraph(chart: Chart, edges: readonly ChartEdge[], detail: Detail): ElkNode {
  const choice = initialChoice(chart);
  return {
    id: 'chart',
    layoutOptions: OPTIONS[detail],
    children: [
      { id: nodeId(START), width: METRICS.start, height: METRICS.start },
      ...childrenOf(chart, '')
        .filter(({ name }) => name !== choice)
        .map((state) => layoutNode(chart, state)),
    ],
    edges: edges.map((edge) => layoutEdge(edge, detail)),
  };
}

function layoutNode(chart: Chart, state: ChartState): ElkNode {
  const children = childrenOf(chart, state.name);
  const id = nodeId(state.name);
  if (children.length > 0)
    return { id, layoutOptions: INSIDE, children: children.map((child) => layoutNode(chart, child)) };
  return { id, ...leafSize(state) };
}

function leafSize({ key, invokes }: ChartState): { readonly width: number; readonly height: number } {
  const texts = [
    key.length * METRICS.nameCharacter + 44,
    ...invokes.map((each) => (each.length + 2) * METRICS.chipCharacter + 32),
  ];
  return {
    width: Math.round(Math.max(128, ...texts)),
    height: METRICS.stateHeight + invokes.length * METRICS.chipHeight,
  };
}

function layoutEdge({ id, source, target, lines }: ChartEdge, detail: Detail): ElkExtendedEdge {
  const hasRoom = detail === 'complete' && lines.length > 0;
  return {
    id,
    sources: [nodeId(source)],
    targets: [nodeId(target)],
    labels: hasRoom ? [{ text: id, ...labelSize(lines) }] : [],
  };
}

/** How large what is written on an edge is. */
export function labelSize(lines: readonly string[]): { readonly width: number; readonly height: number } {
  return {
    width: Math.max(0, ...lines.map(({ length }) => length)) * METRICS.labelCharacter + 12,
    height: lines.length * METRICS.labelLine + 6,
  };
}

/** An id of ELK's must not be empty. */
export function nodeId(state: string): string {
  return `state ${state}`;
}
