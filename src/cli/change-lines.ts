import type { ConfigChanges, SidecarChange } from '../index.js';
import { colors } from './colors.js';

const WORD = { start: 'start', stop: 'stop', restart: 'restart', 'in-place': 'in place', none: '' } as const;
const WIDTH = 8;

export function changesAnything({ fleet, sidecars }: ConfigChanges): boolean {
  return fleet.length > 0 || sidecars.some(({ effect }) => effect !== 'none');
}

/** What a new configuration changes, one line a sidecar; what stays as it is is only counted. */
export function changeLines({ fleet, sidecars }: ConfigChanges): readonly string[] {
  if (!changesAnything({ fleet, sidecars })) return ['nothing changes'];
  const changed = sidecars.filter(({ effect }) => effect !== 'none');
  const width = Math.max('fleet'.length, ...changed.map(({ name }) => name.length));
  const row = (name: string, word: string, why: string) =>
    `${colors.bold(name.padEnd(width))}  ${word.padEnd(WIDTH)}  ${why}`.trimEnd();
  const unchanged = sidecars.length - changed.length;
  return [
    ...changed.map((each) => row(each.name, WORD[each.effect], whyOf(each))),
    ...(fleet.length === 0 ? [] : [row('fleet', WORD['in-place'], fleet.join(', '))]),
    ...(unchanged === 0 ? [] : [colors.dim(`${unchanged} unchanged`)]),
  ];
}

function whyOf({ change, paths, alongWith }: SidecarChange): string {
  if (alongWith.length > 0) return `along with ${alongWith.join(', ')}`;
  if (change === 'added') return 'is new';
  if (change === 'removed') return 'is gone';
  return paths.join(', ');
}
