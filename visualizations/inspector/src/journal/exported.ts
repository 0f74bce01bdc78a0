import { isRecord } from '../../../../src/config/is-record.js';
import type { Chart } from '../../../../src/graph/chart.js';
import { InspectedSidecar, type Recent } from '../model/inspected-sidecar.js';
import type { Inspection } from '../model/inspection.js';

/** What tells an export from anything else, and its version. */
const FORMAT = 'sidecar-inspection';
const VERSION = 1;

/** All that is known of the sidecars, as JSON. */
export function exportInspection({ sidecars, title }: Inspection): string {
  const all = [...sidecars.peek().values()].map(({ id, transitions, samples, healths, lines }) => ({
    name: id,
    transitions: transitions.peek(),
    samples: samples.values,
    healths: healths.values,
    lines: lines.lines,
  }));
  return JSON.stringify({ format: FORMAT, version: VERSION, title: title.peek(), sidecars: all }, null, 1);
}

/** The sidecars of an export; null when the text is none. */
export function inspectExport(text: string, chart: Chart): readonly InspectedSidecar[] | null {
  const parsed = parse(text);
  if (!isRecord(parsed) || parsed['format'] !== FORMAT || !Array.isArray(parsed['sidecars'])) return null;
  return parsed['sidecars'].filter(isExported).map(({ name, ...recent }) => {
    const sidecar = new InspectedSidecar(name, chart);
    sidecar.recall(recent);
    const last = recent.transitions.at(-1);
    sidecar.leaves.value = last === undefined ? [] : [last.to];
    sidecar.context.value = last?.context ?? null;
    return sidecar;
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Lines of JSON are none.
    return null;
  }
}

/** What is in the lists was written by this page. */
function isExported(value: unknown): value is Recent & { readonly name: string } {
  if (!isRecord(value) || typeof value['name'] !== 'string') return false;
  return ['transitions', 'samples', 'healths', 'lines'].every((list) => Array.isArray(value[list]));
}
