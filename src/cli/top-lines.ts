import type { ServiceStatus } from '../control.js';
import { colors } from './colors.js';
import { ageText } from './duration-text.js';
import { type Cell, cut } from './live-lines.js';
import { withoutControls } from './printable-line.js';
import { colourOf } from './status.js';
import type { TopState } from './top-state.js';

type Row = ServiceStatus['sidecars'][number];

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

const SPARKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const SPARK_WIDTH = 12;
const HEADER = ['NAME', 'STATE', 'FOR', 'HEALTH', 'MEMORY', 'CPU', 'RESTARTS', 'PID'] as const;
/** Right-aligned numbers before their sparkline. */
const NUMBER_WIDTH = 8;
const LIST_KEYS = '↑↓ select  r restart  e reload  s stop  t start  ⏎ log  q quit';
const LOG_KEYS = 'esc back';

/** The whole screen, one line less than there are rows. */
export function topLines(state: TopState, { columns, rows }: ScreenSize, now: number): readonly string[] {
  const body = Math.max(1, rows - 5);
  const inner =
    state.log === null ? listLines(state, columns, body, now) : logLines(state.log, columns, body);
  const keys = state.log === null ? LIST_KEYS : LOG_KEYS;
  return [
    titleLine(state, columns, now),
    ...inner,
    ...Array<string>(Math.max(0, body + 1 - inner.length)).fill(''),
    cut([{ text: state.message, colour: colors.yellow }], columns),
    cut([{ text: keys, colour: colors.dim }], columns),
  ];
}

function titleLine({ status, log }: TopState, columns: number, now: number): string {
  const running = status.sidecars.filter(({ state }) => state === 'running').length;
  const fleet = status.fleet === null ? '' : `  fleet ${status.fleet.state}`;
  const about = `  pid ${status.pid}  up ${ageText(now - status.startedAt)}  ${running} of ${status.sidecars.length} running${fleet}`;
  return cut(
    [
      { text: log === null ? 'sidecar top' : `log of ${log.name}`, colour: colors.bold },
      { text: about },
      { text: status.config === null ? '' : `  ${status.config}`, colour: colors.dim },
    ],
    columns,
  );
}

function logLines({ lines }: NonNullable<TopState['log']>, columns: number, body: number): readonly string[] {
  return lines
    .slice(-body)
    .map(({ time, source, line }) =>
      cut(
        [
          { text: `${new Date(time).toISOString().slice(11, 19)}  `, colour: colors.dim },
          { text: source === 'compile' ? 'compiler | ' : '', colour: colors.dim },
          { text: withoutControls(line).replaceAll('\t', '  ') },
        ],
        columns,
      ),
    );
}

function listLines(state: TopState, columns: number, body: number, now: number): readonly string[] {
  const all = state.status.sidecars;
  const texts = all.map((row) => textsOf(row, state, now));
  const widths = HEADER.map((title, column) =>
    Math.max(title.length, ...texts.map((each) => each[column]?.length ?? 0)),
  );
  const first = firstShown(
    all.findIndex(({ name }) => name === state.selected),
    all.length,
    body,
  );
  const header = HEADER.map((title, column) => title.padEnd(widths[column] ?? 0)).join('  ');
  const lines = all.slice(first, first + body).map((row, index) => {
    const isSelected = row.name === state.selected;
    const cells = (texts[first + index] ?? []).map(
      (text, column): Cell => ({
        text: `${text.padEnd(widths[column] ?? 0)}  `,
        ...(column === 1 && { colour: colourOf(row) }),
        ...(column === 0 && isSelected && { colour: colors.inverse }),
      }),
    );
    return cut([{ text: isSelected ? '› ' : '  ' }, ...cells], columns);
  });
  return [cut([{ text: `  ${header}`, colour: colors.dim }], columns), ...lines];
}

/** The selected one is always among those that are shown. */
export function firstShown(selected: number, count: number, body: number): number {
  return Math.max(0, Math.min(selected - Math.floor(body / 2), count - body));
}

function textsOf(row: Row, { samples }: TopState, now: number): readonly string[] {
  const { name, state, reason, since, health, pid, restarts, limits } = row;
  // The last sample is of a process that is gone.
  const resources = pid === null ? null : row.resources;
  const kept = samples.get(name);
  const { last } = health;
  return [
    name,
    reason === null ? state : `${state} (${reason})`,
    since === null ? '-' : ageText(now - since),
    last === null || pid === null ? '-' : last.passed ? `${Math.round(last.latency)} ms` : 'failed',
    resources === null
      ? '-'
      : `${`${Math.round(resources.memoryMB)} MiB`.padStart(NUMBER_WIDTH)} ${sparkline(kept?.memory ?? [], limits.memoryMB)}`,
    resources === null
      ? '-'
      : `${`${Math.round(resources.cpuPercent)}%`.padStart(NUMBER_WIDTH)} ${sparkline(kept?.cpu ?? [], limits.cpuPercent)}`,
    `${'●'.repeat(Math.min(restarts.used, 5))}${restarts.used}/${restarts.max}`,
    pid === null ? '-' : String(pid),
  ];
}

/** @param limit what a full bar is; the largest value without one, or beyond it */
export function sparkline(values: readonly number[], limit: number | null): string {
  const last = values.slice(-SPARK_WIDTH);
  const most = Math.max(limit ?? 0, ...last);
  const bars = last.map((value) => {
    const level = most === 0 ? 0 : Math.round((value / most) * (SPARKS.length - 1));
    return SPARKS[level] ?? SPARKS[0];
  });
  return bars.join('').padStart(SPARK_WIDTH);
}
