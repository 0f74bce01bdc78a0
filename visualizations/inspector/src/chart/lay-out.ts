import layouts from 'virtual:sidecar-layouts';
import ELK, { type ElkNode } from 'elkjs/lib/elk-api.js';
import workerUrl from 'elkjs/lib/elk-worker.min.js?url';
import type { Chart } from '../../../../src/graph/chart.js';
import { chartEdges } from './chart-edges.js';
import { type LaidOutChart, readLayout } from './laid-out-chart.js';
import { type Detail, layoutGraph } from './layout-graph.js';

const known = new Map<string, Promise<LaidOutChart>>();
let elk: InstanceType<typeof ELK> | null = null;

/**
 * Lays a chart out, once: the sidecars of a fleet share theirs. One that is not the sidecar's own in a worker, so that the page
 * does not wait.
 */
export function layOut(chart: Chart, detail: Detail): Promise<LaidOutChart> {
  const json = JSON.stringify(chart);
  const key = `${detail} ${json}`;
  const found = known.get(key) ?? read(chart, json === layouts.chart ? layouts[detail] : null, detail);
  known.set(key, found);
  return found;
}

async function read(chart: Chart, made: ElkNode | null, detail: Detail): Promise<LaidOutChart> {
  const edges = chartEdges(chart);
  return readLayout(chart, edges, made ?? (await compute(layoutGraph(chart, edges, detail))));
}

function compute(graph: ElkNode): Promise<ElkNode> {
  elk ??= new ELK({ workerUrl });
  return elk.layout(graph);
}
