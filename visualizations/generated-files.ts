import { drawComplete, drawOverview } from '../src/graph/diagrams.js';
import { readSidecarChart } from '../src/graph/sidecar-chart.js';
import { writeConfigReference } from './config-reference.js';
import { configJsonSchema, fleetJsonSchema, parseConfigSchema } from './config-schema.js';
import { readFleetChart } from './fleet-chart.js';
import { writeInspectedChart } from './inspected-chart.js';
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
    ['visualizations/sidecar.mmd', `${notice('machines/sidecar.ts')}${drawComplete(chart)}`],
    ['visualizations/sidecar-overview.mmd', `${notice('machines/sidecar.ts')}${overview}`],
    ['visualizations/state-event-matrix.md', writeMatrixPage(chart)],
    ['visualizations/fleet.mmd', `${notice('machines/fleet.ts')}${drawComplete(readFleetChart())}`],
    ['visualizations/inspector/src/journal/sidecar-chart.json', writeInspectedChart()],
    ['schema/sidecar.config.schema.json', `${JSON.stringify(configJsonSchema(), null, 2)}\n`],
    ['schema/fleet.config.schema.json', `${JSON.stringify(fleetJsonSchema(), null, 2)}\n`],
    ['docs/configuration.md', writeConfigReference(parseConfigSchema())],
    ...(updatedReadme === null ? [] : [['README.md', updatedReadme] as const]),
  ]);
}

const notice = (source: string) => `%% Drawn from ${source} by npm run generate; do not edit.\n`;
