import { createSidecarChart } from '../machines/sidecar.js';
import { resolveConfig } from '../src/config/resolve.js';
import { chartAsV4 } from '../src/inspect/chart-as-v4.js';

/** The chart as a host would tell the inspector, for journals, which are looked at without one. */
export function writeInspectedChart(): string {
  const chart = createSidecarChart({
    resolveConfig: (input) => resolveConfig(input ?? { process: { command: 'none' } }),
    now: () => 0,
    random: () => 0,
  });
  return `${JSON.stringify(chartAsV4(chart))}\n`;
}
