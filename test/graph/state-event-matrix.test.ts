import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { commandTable, reportTable } from '../../src/graph/matrix-markdown.js';
import { readChart } from '../../src/graph/read-chart.js';
import { buildMatrix } from '../../src/graph/state-event-matrix.js';
import { trafficLight } from './traffic-light.js';

const matrix = buildMatrix(readChart(trafficLight), { commands: ['GO', 'WAIT', 'RESET', 'SING'] });

function outcomesOf(state: string, event: string) {
  const row = matrix.rows.find((each) => each.state === state);
  const cell = row?.cells.find(({ column }) => column.label === event);
  return cell?.outcomes.map(({ guard, targets, from }) => ({ guard, targets, from }));
}

describe('buildMatrix', () => {
  it('has a row for every state without children', () => {
    expect(matrix.rows.map(({ state }) => state)).toEqual([
      'red',
      'green.steady',
      'green.blinking',
      'green.choosing',
      'off',
    ]);
  });

  it('has commands first, known or not, then reports, delays and what happens at once', () => {
    expect(matrix.columns.map(({ kind, label }) => `${kind} ${label}`)).toEqual([
      'command GO',
      'command WAIT',
      'command RESET',
      'command SING',
      'report POWER_OFF',
      'report car.seen',
      'report car.*',
      'delay after greenTime',
      'delay after 3000 ms',
      'immediate at once',
    ]);
  });

  it('falls through to the states around when all guards of the state itself fail', () => {
    expect(outcomesOf('green.steady', 'GO')).toEqual([
      { guard: 'isBroken', targets: ['off'], from: 'green.steady' },
      { guard: 'isNight', targets: ['green.blinking'], from: 'green' },
    ]);
    expect(outcomesOf('green.blinking', 'GO')).toEqual([
      { guard: 'isNight', targets: ['green.blinking'], from: 'green' },
    ]);
  });

  it('stops at a transition that needs no guard, also one that does nothing', () => {
    expect(outcomesOf('green.blinking', 'WAIT')).toEqual([
      { guard: null, targets: ['green.steady'], from: 'green.blinking' },
    ]);
    expect(outcomesOf('green.steady', 'RESET')).toEqual([{ guard: null, targets: [], from: 'green' }]);
  });

  it('inherits from the root, exact names before wildcards', () => {
    expect(outcomesOf('red', 'car.seen')).toEqual([{ guard: null, targets: [], from: '' }]);
    expect(
      matrix.rows[0]?.cells.find(({ column }) => column.label === 'car.seen')?.outcomes[0]?.actions,
    ).toEqual(['count']);
  });

  it('knows that no event finds a state that is left at once', () => {
    const row = matrix.rows.find(({ state }) => state === 'green.choosing');
    expect(row?.isTransient).toBe(true);
    expect(outcomesOf('green.choosing', 'POWER_OFF')).toEqual([]);
    expect(outcomesOf('green.choosing', 'at once')).toHaveLength(2);
    expect(outcomesOf('red', 'POWER_OFF')).toHaveLength(1);
  });

  it('tries a guard once, but can not tell guards without names apart', () => {
    const machine = createMachine({
      initial: 'inner',
      on: { X: [{ guard: 'same' }, { guard: () => false }] },
      states: { inner: { on: { X: [{ guard: 'same', target: 'inner' }, { guard: () => true }] } } },
    });
    const [row] = buildMatrix(readChart(machine), { commands: [] }).rows;
    expect(row?.cells[0]?.outcomes.map(({ guard }) => guard)).toEqual(['same', '?', '?']);
  });

  it('is JSON', () => {
    expect(JSON.parse(JSON.stringify(matrix))).toEqual(matrix);
  });
});

describe('the tables', () => {
  it('has a row for every state and a column for every command', () => {
    expect(commandTable(matrix)).toBe(`| State | \`GO\` | \`WAIT\` | \`RESET\` | \`SING\` |
| --- | --- | --- | --- | --- |
| \`red\` | [isBroken] → off<br>[isNight] (actions only: blink)<br>else → green.steady | – | → red anew | – |
| \`green.steady\` | [isBroken] → off<br>[isNight] → green.blinking | → red | – | – |
| \`green.blinking\` | [isNight] → green.blinking | → green.steady | – | – |
| \`green.choosing\` | _left at once_ | _left at once_ | _left at once_ | _left at once_ |
| \`off\` | – | – | – | – |`);
  });

  it('lists reports and delays with the states in which they do the same', () => {
    expect(reportTable(matrix)).toBe(`| Event | In | What happens |
| --- | --- | --- |
| \`POWER_OFF\` | every state | → off |
| \`car.seen\` | every state | (actions only: count) |
| \`car.*\` | every state | (actions only: raise POWER_OFF) |
| \`after greenTime\` | \`green.steady\` | → green.blinking |
| \`after 3000 ms\` | \`green.blinking\` | → red |
| \`at once\` | \`red\` | [isNight and not isBroken] → off |
|  | \`green.choosing\` | [isNight] → green.steady<br>else → green.blinking |`);
  });
});
