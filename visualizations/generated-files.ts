import { drawComplete, drawOverview } from '../src/graph/diagrams.js';
import { readSidecarChart } from '../src/graph/sidecar-chart.js';
import { writeConfigReference } from './config-reference.js';
import { configJsonSchema, parseConfigSchema } from './config-schema.js';
import { writeMatrixPage } from './matrix-page.js';
import { placeDiagram } from './readme-diagram.js';

/**
 * What every generated file contains, by its path from the root of the repository. Nothing is read or written.
 *
 * @param readme the present README, in which only the diagram between the markers changes; null without one
 */
export function generatedFiles(readme: string | null): ReadonlyMap<string, string> {
  const chart = readSidecarChart();
  const overview = drawOverview(chart);
  const updatedReadme = readme === null ? null : placeDiagram(readme, overview);
  return new Map([
    ['visualizations/sidecar.mmd', `${NOTICE}${drawComplete(chart)}`],
    ['visualizations/sidecar-overview.mmd', `${NOTICE}${overview}`],
    ['visualizations/state-event-matrix.md', writeMatrixPage(chart)],
    ['schema/sidecar.config.schema.json', `${JSON.stringify(configJsonSchema(), null, 2)}\n`],
    ['docs/configuration.md', writeConfigReference(parseConfigSchema())],
    ...(updatedReadme === null ? [] : [['README.md', updatedReadme] as const]),
  ]);
}

const NOTICE = '%% Drawn from machines/sidecar.ts by npm run generate; do not edit.\n';
