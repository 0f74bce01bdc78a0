import type { MatrixCell, MatrixColumn, MatrixRow, Outcome, StateEventMatrix } from './state-event-matrix.js';

/** The commands as a table: one row a state, one column a command. */
export function commandTable({ columns, rows }: StateEventMatrix): string {
  const commands = columns.filter(({ kind }) => kind === 'command');
  return table(
    ['State', ...commands.map(({ label }) => code(label))],
    rows.map((row) => [
      code(row.state),
      ...commands.map((command) => (row.isTransient ? '_left at once_' : describe(cellAt(row, command)))),
    ]),
  );
}

/**
 * Everything but the commands as a table: one row for each event and each different thing that it does, with the
 * states in which it does that. Most states treat most reports alike, so this is far shorter than a square.
 */
export function reportTable({ columns, rows }: StateEventMatrix): string {
  const reports = columns.filter(({ kind }) => kind !== 'command');
  return table(
    ['Event', 'In', 'What happens'],
    reports.flatMap((column) => reportRows(rows, column)),
  );
}

function reportRows(rows: readonly MatrixRow[], column: MatrixColumn): string[][] {
  const meeting = rows.filter((row) => column.kind === 'immediate' || !row.isTransient);
  const groups = new Map<string, MatrixRow[]>();
  for (const row of meeting) {
    const text = describe(cellAt(row, column));
    groups.set(text, [...(groups.get(text) ?? []), row]);
  }
  const handled = [...groups].filter(([text]) => text !== IGNORED);
  // A delay that does not run in a state is no event there.
  const isKnownEverywhere = column.kind === 'report';
  const lines = handled.map(([text, states]) => [
    states.length === meeting.length ? 'every state' : states.map(({ state }) => code(state)).join(', '),
    text,
  ]);
  if (isKnownEverywhere && groups.has(IGNORED)) lines.push(['every other state', IGNORED]);
  return lines.map((line, index) => [index === 0 ? code(column.label) : '', ...line]);
}

const IGNORED = '–';

function cellAt(row: MatrixRow, column: MatrixColumn): MatrixCell {
  const found = row.cells.find((cell) => cell.column.label === column.label);
  return found ?? { column, outcomes: [] };
}

/** A cell as text: `[isPermanentFailure] → stopped`, one line an outcome; `–` where the event is ignored. */
function describe({ outcomes }: MatrixCell): string {
  const lines = outcomes.map((outcome, index) => {
    const condition = outcome.guard === null ? 'else' : `[${outcome.guard}]`;
    const effect = describeEffect(outcome);
    return outcome.guard === null && index === 0 ? effect : `${condition} ${effect}`;
  });
  return lines.length === 0 ? IGNORED : lines.join('<br>');
}

function describeEffect({ targets, reenter, actions }: Outcome): string {
  if (targets.length > 0) return `→ ${targets.join(' and ')}${reenter ? ' anew' : ''}`;
  return actions.length === 0 ? IGNORED : `(actions only: ${actions.join(', ')})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}
