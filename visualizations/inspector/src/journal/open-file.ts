import { createMachine } from 'xstate';
import { readV4Machine } from '../chart/read-v4-machine.js';
import { Inspection } from '../model/inspection.js';
import { inspectExport } from './exported.js';
import { inspectJournal } from './inspect-journal.js';
import sidecarChart from './sidecar-chart.json?raw';

/**
 * What a journal or an export tells, to be looked at without a process.
 *
 * @throws {Error} when it tells of no sidecar, or in a version that is not known
 */
export async function openFile(file: File): Promise<Inspection> {
  const text = await file.text();
  const chart = readV4Machine(createMachine(JSON.parse(sidecarChart)));
  const sidecars = inspectExport(text, chart) ?? inspectJournal(text, chart);
  const [first] = sidecars;
  if (first === undefined) throw new Error(`${file.name} has no transition of a sidecar in it.`);
  const inspection = new Inspection();
  inspection.title.value = file.name;
  inspection.connection.value = { type: 'file', name: file.name };
  inspection.readOnly.value = true;
  for (const sidecar of sidecars) inspection.add(sidecar);
  const begin = first.transitions.peek()[0];
  if (begin !== undefined) inspection.goTo(begin.sequence);
  return inspection;
}
