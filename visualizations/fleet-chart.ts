import { createFleetChart } from '../machines/fleet.js';
import type { Chart } from '../src/graph/chart.js';
import { readChart } from '../src/graph/read-chart.js';

/** The chart of a fleet, which is drawn and never started. */
export function readFleetChart(): Chart {
  return readChart(createFleetChart({ now: () => 0, random: () => 0 }));
}
