import ELK from 'elkjs/lib/elk-api.js';
import workerUrl from 'elkjs/lib/elk-worker.min.js?url';
import type { Chart } from '../../../../src/graph/chart.js';
import { chartEdges } from './chart-edges.js';
import { type LaidOutChart, readLayout } from './laid-out-chart.js';
import { type Detail, layoutGraph } from './layout-graph.js';

const known = new Map<string, Promise<LaidOutChart>>();
let elk: InstanceType<typeof ELK> | null = null;

/** Lays a chart out, once: the sidecars of a fleet share theirs. In a worker, so that the page does not wait. */
export function layOut(chart: Chart, detail: Detail): Promise<LaidOutChart> {
  const key = `${detail} ${JSON.stringify(chart)}`;
  const found = known.get(key) ?? compute(chart, detail);
  known.set(key, found);
  return found;
}

async function compute(chart: Chart, detail: Detail): Promise<LaidOutChart> {
  elk ??= new ELK({ workerUrl });
  const edges = chartEdges(chart);
  return readLayout(chart, edges, await elk.layout(layoutGraph(chart, edges, detail)));
}
