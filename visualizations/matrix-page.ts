import type { Chart } from '../src/graph/chart.js';
import { commandTable, reportTable } from '../src/graph/matrix-markdown.js';
import { buildMatrix } from '../src/graph/state-event-matrix.js';

/** The state × event matrix of the sidecar as a Markdown page. */
export function writeMatrixPage(chart: Chart): string {
  const matrix = buildMatrix(chart, { commands: ['START', 'STOP', 'RESTART', 'RELOAD'] });
  return `# What every event does in every state

Worked out from \`machines/sidecar.ts\` by \`npm run generate\`; do not edit. The same as pictures:
[overview](sidecar-overview.mmd), [every state and transition](sidecar.mmd).

- \`[guard]\` is a question that the chart asks. Lines are tried from the top, and the first whose guard holds is what
  happens. \`else\` is what happens when none before it did.
- **→** leads to a state; **→ … anew** leaves the state and enters it again, which starts its actors over.
- **(actions only: …)** stays in the state and does what is listed.
- **–** ignores the event.
- A state within another also does what the outer one would do, where its own guards all fail.

## Commands

${commandTable(matrix)}

## Reports and delays

\`isCurrent\` is false for a report that names an older process or compilation: such a report changes nothing.
A delay is counted from when its state was entered.

${reportTable(matrix)}
`;
}
