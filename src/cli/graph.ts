import { collapse } from '../graph/collapse.js';
import { drawComplete, drawOverview } from '../graph/diagrams.js';
import { toDot } from '../graph/dot.js';
import { readSidecarChart } from '../graph/sidecar-chart.js';

export interface GraphOptions {
  readonly format: 'mermaid' | 'dot' | 'json';
  readonly isOverview: boolean;
}

/** `sidecar graph`: prints the statechart. It is the same for every sidecar, so no configuration is read. */
export function graph(options: GraphOptions): void {
  process.stdout.write(drawn(options));
}

function drawn({ format, isOverview }: GraphOptions): string {
  const complete = readSidecarChart();
  const chart = isOverview ? collapse(complete) : complete;
  switch (format) {
    case 'json':
      return `${JSON.stringify(chart, null, 2)}\n`;
    case 'dot':
      return toDot(chart, { omitGuards: isOverview ? 'all' : ['isCurrent', 'isStale'] });
    case 'mermaid':
      return isOverview ? drawOverview(complete) : drawComplete(complete);
  }
}
