import { describe, expect, it } from 'vitest';
import { and, createMachine, fromPromise, not, or, setup, stateIn } from 'xstate';
import { stateNamed } from '../../src/graph/chart.js';
import { guardText } from '../../src/graph/guard-text.js';
import { readChart } from '../../src/graph/read-chart.js';
import { trafficLight } from './traffic-light.js';

describe('readChart', () => {
  const chart = readChart(trafficLight);

  it('lists the states in document order, by their paths', () => {
    expect(chart.states.map(({ name }) => name)).toEqual([
      '',
      'red',
      'green',
      'green.steady',
      'green.blinking',
      'green.choosing',
      'off',
    ]);
    expect(stateNamed(chart, 'green')).toEqual({
      name: 'green',
      key: 'green',
      parent: '',
      type: 'compound',
      initial: 'green.steady',
      invokes: [],
    });
    expect(stateNamed(chart, 'off').type).toBe('final');
  });

  it('keeps the candidates of an event in the order in which they are tried', () => {
    const candidates = chart.transitions.filter(
      ({ source, trigger }) => source === 'red' && trigger.type === 'event' && trigger.event === 'GO',
    );
    expect(candidates.map(({ guard, targets, actions }) => ({ guard, targets, actions }))).toEqual([
      { guard: 'isBroken', targets: ['off'], actions: [] },
      { guard: 'isNight', targets: [], actions: ['blink'] },
      { guard: null, targets: ['green'], actions: ['count'] },
    ]);
  });

  it('tells delays, by name and in milliseconds, and immediate transitions from events', () => {
    const triggers = chart.transitions.map(({ trigger }) => trigger);
    expect(triggers).toContainEqual({ type: 'delay', delay: 'greenTime' });
    expect(triggers).toContainEqual({ type: 'delay', delay: 3000 });
    expect(triggers).toContainEqual({ type: 'immediate' });
  });

  it('names what an action raises', () => {
    expect(chart.transitions.flatMap(({ actions }) => actions)).toContain('raise POWER_OFF');
  });

  it('names actors by their id, or by their source when XState made up the id', () => {
    const machine = setup({ actors: { load: fromPromise(() => Promise.resolve()) } }).createMachine({
      initial: 'loading',
      states: {
        loading: {
          invoke: [
            { src: 'load', onDone: 'ready', onError: 'ready' },
            { src: 'load', id: 'again', onDone: 'ready' },
          ],
        },
        ready: {},
      },
    });
    const { states, transitions } = readChart(machine);
    expect(states.find(({ name }) => name === 'loading')?.invokes).toEqual(['load', 'again']);
    expect(transitions.map(({ trigger }) => trigger)).toEqual([
      { type: 'actor', outcome: 'done', actor: 'load' },
      { type: 'actor', outcome: 'error', actor: 'load' },
      { type: 'actor', outcome: 'done', actor: 'again' },
    ]);
  });

  it('is JSON', () => {
    expect(JSON.parse(JSON.stringify(chart))).toEqual(chart);
  });

  it('reads a machine without states', () => {
    expect(readChart(createMachine({ id: 'empty' })).states.map(({ name }) => name)).toEqual(['']);
  });
});

describe('guardText', () => {
  it('spells combinations out', () => {
    expect(guardText(undefined)).toBeNull();
    expect(guardText('isReady')).toBe('isReady');
    expect(guardText({ type: 'isAbove', params: { limit: 1 } })).toBe('isAbove');
    expect(guardText(and(['a', not('b')]))).toBe('a and not b');
    expect(guardText(and(['a', or(['b', 'c'])]))).toBe('a and (b or c)');
    expect(guardText(not(and(['a', 'b'])))).toBe('not (a and b)');
    expect(guardText(stateIn('running'))).toBe('in "running"');
  });

  it('names functions, and admits when there is no name', () => {
    expect(guardText(function isOdd() {})).toBe('isOdd');
    expect(guardText(() => true)).toBe('?');
  });
});
