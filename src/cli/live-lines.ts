import type { ServiceStatus } from '../control.js';
import { colors } from './colors.js';
import { ageText } from './duration-text.js';
import { addressOf, colourOf } from './status.js';

type Row = ServiceStatus['sidecars'][number];
type Colour = (text: string) => string;

/** A piece of a line, which is cut before it is coloured. */
export interface Cell {
  readonly text: string;
  readonly colour?: Colour;
}

export interface LiveLook {
  /** Unix time in milliseconds. */
  readonly now: number;
  /** Of the spinner at this moment. */
  readonly spinner: string;
  readonly columns: number;
  /** Most lines. */
  readonly most: number;
}

/** From this part of a limit on it is shown. */
const NEAR = 0.8;
const BAR = 10;

/** What stands below the log of `sidecar run`: a line for each sidecar, those in trouble first where there is no room for all. */
export function liveLines({ sidecars }: ServiceStatus, look: LiveLook): readonly string[] {
  const { columns, most } = look;
  const shown = sidecars.length <= most ? sidecars : mostInteresting(sidecars, most - 1);
  const widths = {
    name: Math.max(...shown.map(({ name }) => name.length)),
    state: Math.max(...shown.map((each) => stateText(each).length)),
  };
  const lines = shown.map((each) => cut(cellsOf(each, look, widths), columns));
  const hidden = sidecars.length - shown.length;
  const rule = colors.dim('─'.repeat(Math.max(0, columns - 1)));
  return [rule, ...lines, ...(hidden > 0 ? [colors.dim(`  and ${hidden} more: sidecar status`)] : [])];
}

/** Whether something is under way, so that the spinner turns. */
export function isUnderWay({ state }: Row): boolean {
  return state !== 'running' && state !== 'degraded' && state !== 'stopped';
}

function mostInteresting(sidecars: readonly Row[], most: number): readonly Row[] {
  const chosen = new Set(sidecars.toSorted((left, right) => rank(left) - rank(right)).slice(0, most));
  return sidecars.filter((each) => chosen.has(each));
}

function rank(row: Row): number {
  if (row.state === 'running') return 2;
  return isUnderWay(row) ? 1 : 0;
}

function cellsOf(
  row: Row,
  { now, spinner }: LiveLook,
  widths: { name: number; state: number },
): readonly Cell[] {
  const colour = colourOf(row);
  const { name, since, pid, endpoint, restarts, readiness } = row;
  return [
    { text: ` ${isUnderWay(row) ? spinner : '●'} `, colour },
    { text: `${name.padEnd(widths.name)}  `, colour: colors.bold },
    { text: `${stateText(row).padEnd(widths.state)}  `, colour },
    { text: (since === null ? '' : ageText(now - since)).padEnd(8), colour: colors.dim },
    ...(pid !== null && row.state === 'running' && !readiness.isReady
      ? [{ text: 'not ready  ', colour: colors.yellow }]
      : []),
    ...(restarts.used === 0
      ? []
      : [{ text: `restarts ${restarts.used}/${restarts.max}  `, colour: colors.yellow }]),
    ...nearLimits(row),
    { text: pid === null ? '' : `pid ${pid}  `, colour: colors.dim },
    { text: endpoint === null ? '' : addressOf(endpoint), colour: colors.dim },
  ];
}

function stateText({ state, reason }: Row): string {
  return reason === null ? state : `${state} (${reason})`;
}

function nearLimits({ resources, limits, pid }: Row): readonly Cell[] {
  // The last sample may be of a process that is gone.
  if (resources === null || pid === null) return [];
  const { memoryMB, cpuPercent } = resources;
  return [
    ...nearLimit('memory', memoryMB, limits.memoryMB, ' MiB'),
    ...nearLimit('cpu', cpuPercent, limits.cpuPercent, '%'),
  ];
}

function nearLimit(what: string, value: number, limit: number | null, unit: string): readonly Cell[] {
  if (limit === null || value < NEAR * limit) return [];
  const text = `${what} ${bar(value / limit)} ${Math.round(value)} of ${limit}${unit}  `;
  return [{ text, colour: value > limit ? colors.red : colors.yellow }];
}

/** @param part of the whole, 0 to 1; more is full */
export function bar(part: number, width = BAR): string {
  const full = Math.min(width, Math.max(0, Math.round(part * width)));
  return `${'█'.repeat(full)}${'░'.repeat(width - full)}`;
}

/** As much as fits into a line, coloured. */
export function cut(cells: readonly Cell[], columns: number): string {
  // A line that is full would wrap in some terminals.
  let left = columns - 1;
  return cells
    .map(({ text, colour }) => {
      const part = text.slice(0, Math.max(0, left));
      left -= part.length;
      return colour === undefined || part === '' ? part : colour(part);
    })
    .join('');
}
