import { readFile } from 'node:fs/promises';
import ELK from 'elkjs/lib/elk.bundled.js';
import type { Plugin } from 'vite';
import { createMachine } from 'xstate';
import { chartEdges } from './src/chart/chart-edges.js';
import { layoutGraph } from './src/chart/layout-graph.js';
import { readV4Machine } from './src/chart/read-v4-machine.js';

const NAME = 'virtual:sidecar-layouts';

/**
 * The layouts of the sidecar's own chart, which everybody looks at: made once, with the page, so that the chart is there as
 * soon as the page is. Charts of other machines are laid out when they are seen.
 */
export function sidecarLayouts(): Plugin {
  return {
    name: 'sidecar-layouts',
    resolveId: (id) => (id === NAME ? `\0${NAME}` : null),
    load: async (id) => {
      if (id !== `\0${NAME}`) return null;
      const text = await readFile(new URL('src/journal/sidecar-chart.json', import.meta.url), 'utf8');
      const chart = readV4Machine(createMachine(JSON.parse(text)));
      const edges = chartEdges(chart);
      const elk = new ELK();
      const compact = await elk.layout(layoutGraph(chart, edges, 'compact'));
      const complete = await elk.layout(layoutGraph(chart, edges, 'complete'));
      return `export default ${JSON.stringify({ chart: JSON.stringify(chart), compact, complete })};`;
    },
  };
}
