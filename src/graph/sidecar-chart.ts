import { createSidecarChart } from '../../machines/sidecar.js';
import { resolveConfig } from '../config/resolve.js';
import type { Chart } from './chart.js';
import { readChart } from './read-chart.js';

/** The chart that is drawn. It is never started, so its clock stands still. */
export function readSidecarChart(): Chart {
  return readChart(
    createSidecarChart({
      resolveConfig: (input) => resolveConfig(input ?? { process: { command: 'none' } }),
      now: () => 0,
      random: () => 0,
    }),
  );
}
