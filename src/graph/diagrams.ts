import type { Chart } from './chart.js';
import { collapse } from './collapse.js';
import { toMermaid } from './mermaid.js';

/** Every state and transition. Guards that only drop the reports of an older incarnation are not drawn. */
export function drawComplete(chart: Chart): string {
  return toMermaid(chart, { omitGuards: ['isCurrent', 'isStale'] });
}

/** The top-level states and what leads from one to another: small enough for a README. */
export function drawOverview(chart: Chart): string {
  return toMermaid(collapse(chart), { omitGuards: 'all' });
}
