import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { collapse } from '../../src/graph/collapse.js';
import { toMermaid } from '../../src/graph/mermaid.js';
import { readChart } from '../../src/graph/read-chart.js';
import { choosing, trafficLight } from './traffic-light.js';

const chart = readChart(trafficLight);

describe('toMermaid', () => {
  it('draws nested states, merged edges, guards and delays, and leaves out what has no target', () => {
    expect(toMermaid(chart)).toBe(`stateDiagram-v2
  direction TB
  [*] --> red
  state "red" as red
  state "green" as green {
    [*] --> green_steady
    state "steady" as green_steady
    state "blinking" as green_blinking
    state "choosing" as green_choosing
    state "(any of these)" as green__any
  }
  state "off" as off
  off --> [*]
  state "(any of these)" as __any

  __any --> off : POWER_OFF
  red --> off : [isNight and not isBroken]<br/>GO [isBroken]
  red --> green : GO [else]
  red --> red : RESET
  green__any --> green_blinking : GO [isNight]
  green --> red : WAIT
  green_steady --> off : GO [isBroken]
  green_steady --> green_blinking : after greenTime
  green_blinking --> green_steady : WAIT
  green_blinking --> red : after 3000 ms
  green_choosing --> green_steady : [isNight]
  green_choosing --> green_blinking : [else]
`);
  });

  it('omits guards on request, and does not call the rest "else" then', () => {
    const text = toMermaid(chart, { omitGuards: ['isBroken', 'isNight'], direction: 'LR' });
    expect(text).toContain('direction LR');
    expect(text).toContain('red --> green : GO\n');
    expect(text).toContain('green_choosing --> green_blinking\n');
    expect(toMermaid(chart, { omitGuards: 'all' })).not.toMatch(/\[[a-z]/);
  });

  it('joins events that do the same, commands before reports before delays, in lines that need no wrapping', () => {
    const machine = createMachine({
      initial: 'on',
      states: {
        on: {
          on: { 'supply.failed': 'off', STOP: 'off', 'temperature.exceeded': 'off', HALT: 'off' },
          after: { longest: 'off' },
        },
        off: {},
      },
    });
    expect(toMermaid(readChart(machine))).toContain(
      'on --> off : STOP / HALT<br/>supply.failed /<br/>temperature.exceeded<br/>after longest\n',
    );
  });

  it('keeps what Mermaid would take for syntax out of ids and labels', () => {
    const machine = createMachine({
      initial: 'state',
      states: { state: { on: { 'a;b#"c"<d>': 'my-end' } }, 'my-end': {} },
    });
    const text = toMermaid(readChart(machine));
    expect(text).toContain('state "state" as state_\n');
    expect(text).toContain("state_ --> my_end : a,b＃'c'‹d›\n");
  });

  it('draws an initial state that is passed at once as arrows from the start', () => {
    const text = toMermaid(readChart(choosing), { omitGuards: 'all' });
    expect(text).toContain('  [*] --> off : [isHoliday]\n  [*] --> on\n  state "on" as on\n');
    expect(text).not.toContain('dawn');
  });

  it('draws an initial state like any other when something leads back to it, or it can be stayed in', () => {
    const entered = createMachine({
      initial: 'dawn',
      states: { dawn: { always: 'on' }, on: { on: { STOP: 'dawn' } } },
    });
    const stayedIn = createMachine({
      initial: 'dawn',
      states: { dawn: { always: { guard: 'isDay', target: 'on' } }, on: {} },
    });
    for (const machine of [entered, stayedIn]) {
      const text = toMermaid(readChart(machine));
      expect(text).toContain('[*] --> dawn\n');
      expect(text).toContain('dawn --> on');
    }
  });

  it('divides parallel regions', () => {
    const machine = createMachine({
      initial: 'both',
      states: { both: { type: 'parallel', states: { left: {}, right: {} } } },
    });
    expect(toMermaid(readChart(machine))).toContain(
      ['    state "left" as both_left', '    --', '    state "right" as both_right'].join('\n'),
    );
  });
});

describe('collapse', () => {
  it('leaves the top-level states and what leads from one to another', () => {
    expect(toMermaid(collapse(chart), { omitGuards: 'all' })).toBe(`stateDiagram-v2
  direction TB
  [*] --> red
  state "red" as red
  state "green" as green
  state "off" as off
  off --> [*]
  state "(any of these)" as __any

  __any --> off : POWER_OFF
  red --> off : GO
  red --> green : GO
  red --> red : RESET
  green --> red : WAIT<br/>after 3000 ms
  green --> off : GO
`);
  });
});
