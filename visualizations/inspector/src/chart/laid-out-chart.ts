import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js';
import { type Chart, type ChartState, childrenOf } from '../../../../src/graph/chart.js';
import { type ChartEdge, START } from './chart-edges.js';
import { nodeId } from './layout-graph.js';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

export interface LaidOutState extends Box {
  readonly state: ChartState;
  readonly isCompound: boolean;
}

export interface LaidOutEdge {
  readonly edge: ChartEdge;
  readonly points: readonly Point[];
  /** Where the layout made room for what is written on it; null where it made none. */
  readonly label: Box | null;
}

/** Where everything is, in the coordinates of the whole picture. */
export interface LaidOutChart {
  readonly chart: Chart;
  readonly width: number;
  readonly height: number;
  /** Outer states come before those within them. */
  readonly states: readonly LaidOutState[];
  readonly edges: readonly LaidOutEdge[];
  /** Where it begins. */
  readonly start: Box | null;
}

/** Reads what ELK made of a chart. */
export function readLayout(chart: Chart, edges: readonly ChartEdge[], layout: ElkNode): LaidOutChart {
  const nodes = new Map(withDescendants(layout).map((node) => [node.id, node]));
  const start = nodes.get(nodeId(START));
  const lines = new Map((layout.edges ?? []).map((edge) => [edge.id, edge]));
  return {
    chart,
    width: layout.width ?? 0,
    height: layout.height ?? 0,
    start: start === undefined ? null : boxOf(start),
    states: chart.states.flatMap((state) => {
      const node = nodes.get(nodeId(state.name));
      if (node === undefined) return [];
      return [{ state, isCompound: childrenOf(chart, state.name).length > 0, ...boxOf(node) }];
    }),
    edges: edges.flatMap((edge) => {
      const line = lines.get(edge.id);
      return line === undefined ? [] : [readEdge(edge, line)];
    }),
  };
}

function withDescendants(node: ElkNode): ElkNode[] {
  return [node, ...(node.children ?? []).flatMap(withDescendants)];
}

function readEdge(edge: ChartEdge, { sections = [], labels = [] }: ElkExtendedEdge): LaidOutEdge {
  const points = sections.flatMap(({ startPoint, bendPoints = [], endPoint }) => [
    startPoint,
    ...bendPoints,
    endPoint,
  ]);
  const [label] = labels;
  return { edge, points, label: label === undefined ? null : boxOf(label) };
}

function boxOf({ x = 0, y = 0, width = 0, height = 0 }: Partial<Box>): Box {
  return { x, y, width, height };
}
