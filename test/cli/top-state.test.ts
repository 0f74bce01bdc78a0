import { describe, expect, it } from 'vitest';
import { firstShown, sparkline, topLines } from '../../src/cli/top-lines.js';
import {
  initialState,
  pressed,
  type TopState,
  withEarlierLines,
  withLines,
  withMessage,
  withSample,
  withStatus,
} from '../../src/cli/top-state.js';
import type { ServiceStatus } from '../../src/control.js';
import { createFleet } from '../../src/index.js';
import { Service } from '../../src/service/service.js';

const NOW = 1_700_000_000_000;

function statusOf(...names: readonly string[]): ServiceStatus {
  const sidecars = Object.fromEntries(
    names.map((name) => [name, { process: { command: 'x' }, http: { port: 0 } }]),
  );
  const status = new Service(createFleet({ sidecars })).status();
  const running = status.sidecars.map((each) => ({
    ...each,
    state: 'running' as const,
    since: NOW - 61_000,
    pid: 42,
    resources: {
      memoryMB: 256,
      memoryMeasure: 'pss' as const,
      cpuPercent: 20,
      fileDescriptors: 9,
      processes: 1,
      sampledAt: NOW,
      trend: null,
    },
  }));
  return { ...status, pid: 7, startedAt: NOW - 90_000, sidecars: running };
}

function press(state: TopState, ...keys: readonly string[]): TopState {
  return keys.reduce((each, key) => pressed(each, key).state, state);
}

const screen = { columns: 110, rows: 10 };

describe('what sidecar top does on a key', () => {
  const state = initialState(statusOf('db', 'api', 'web'));

  it('selects another one, and stays within the list', () => {
    expect(state.selected).toBe('db');
    expect(press(state, 'down', 'j').selected).toBe('web');
    expect(press(state, 'down', 'down', 'down', 'down', 'up').selected).toBe('api');
    expect(press(state, 'up', 'k').selected).toBe('db');
  });

  it('commands the one that is selected', () => {
    for (const [key, verb] of [
      ['r', 'restart'],
      ['e', 'reload'],
      ['s', 'stop'],
      ['t', 'start'],
    ] as const) {
      expect(pressed(press(state, 'down'), key).wish).toEqual({ type: 'command', verb, name: 'api' });
    }
    expect(pressed(state, 'x')).toEqual({ state, wish: { type: 'none' } });
  });

  it('shows a log, and goes back; a command means nothing there', () => {
    const shown = pressed(state, 'return');
    expect(shown.wish).toEqual({ type: 'show-log', name: 'db' });
    expect(pressed(shown.state, 'r').wish).toEqual({ type: 'none' });
    expect(press(shown.state, 'escape').log).toBeNull();
    expect(pressed(shown.state, 'q')).toEqual({ state, wish: { type: 'none' } });
  });

  it('quits', () => {
    expect(pressed(state, 'q').wish).toEqual({ type: 'quit' });
    expect(pressed(press(state, 'l'), 'ctrl-c').wish).toEqual({ type: 'quit' });
  });
});

describe('what sidecar top knows', () => {
  it('is kept as sidecars come and go, the selected one by its name', () => {
    const state = press(initialState(statusOf('db', 'api')), 'down');
    expect(withStatus(state, statusOf('web', 'api')).selected).toBe('api');
    const gone = withStatus(withSample(state, 'api', { memoryMB: 1, cpuPercent: 1 }), statusOf('web'));
    expect(gone.selected).toBe('web');
    expect([...gone.samples.keys()]).toEqual(['web']);
  });

  it('is bounded', () => {
    let state = press(initialState(statusOf('db')), 'l');
    for (let count = 0; count < 1000; count += 1) {
      state = withSample(state, 'db', { memoryMB: count, cpuPercent: count });
      state = withLines(state, 'db', [{ time: count, source: 'process', line: `${count}` }]);
    }
    expect(state.samples.get('db')?.memory).toHaveLength(60);
    expect(state.log?.lines).toHaveLength(500);
    expect(state.log?.lines.at(-1)?.line).toBe('999');
  });

  it('has each line of a log once, whichever came first', () => {
    const line = (time: number) => ({ time, source: 'process' as const, line: `${time}` });
    const heard = withLines(press(initialState(statusOf('db')), 'l'), 'db', [line(2), line(3)]);
    const { log } = withEarlierLines(heard, 'db', [line(1), line(2)]);
    expect(log?.lines.map(({ time }) => time)).toEqual([1, 2, 3]);
    expect(withLines(heard, 'api', [line(4)])).toBe(heard);
  });
});

describe('the screen of sidecar top', () => {
  it('has a line for each sidecar, and fits', () => {
    const state = withMessage(press(initialState(statusOf('db', 'api')), 'down'), 'restart api …');
    const lines = topLines(state, screen, NOW);
    expect(lines).toHaveLength(screen.rows - 1);
    expect(lines[0]).toBe('sidecar top  pid 7  up 1m 30s  2 of 2 running  fleet stopped');
    expect(lines[2]).toMatch(/^ {2}db {4}running {2}1m 1s +- +256 MiB +▅ +20% +▃ +0\/5 +42 +$/);
    expect(lines[3]).toMatch(/^› api {3}running/);
    expect(lines.at(-2)).toBe('restart api …');
    expect(lines.at(-1)).toContain('q quit');
    const narrow = topLines(state, { columns: 30, rows: 7 }, NOW);
    for (const line of narrow) expect(line.length).toBeLessThan(30);
    expect(narrow).toHaveLength(6);
  });

  it('shows the part of a long list that has the selected one', () => {
    const names = Array.from({ length: 50 }, (_, index) => `api-${index}`);
    const state = { ...initialState(statusOf(...names)), selected: 'api-40' };
    const lines = topLines(state, screen, NOW);
    expect(lines).toHaveLength(screen.rows - 1);
    expect(lines.some((line) => line.startsWith('› api-40 '))).toBe(true);
    expect([firstShown(0, 50, 5), firstShown(49, 50, 5), firstShown(2, 3, 5)]).toEqual([0, 45, 0]);
  });

  it('shows the log without what a sidecar would do to the terminal', () => {
    const line = {
      time: NOW,
      source: 'process' as const,
      line: '\u001b[2J\u001b[31mred\u001b[0m\tdone\u0007',
    };
    const state = withLines(press(initialState(statusOf('db')), 'l'), 'db', [line]);
    const lines = topLines(state, screen, NOW);
    expect(lines[0]).toMatch(/^log of db/);
    expect(lines[1]).toBe('22:13:20  red  done');
  });

  it('draws what was used, a full bar being the limit', () => {
    expect(sparkline([0, 50, 100], 100)).toBe('         ▁▅█');
    expect(sparkline([0, 50, 200], 100)).toBe('         ▁▃█');
    expect(sparkline([0, 0], null)).toBe('          ▁▁');
    expect(sparkline(Array(20).fill(1), 1)).toBe('█'.repeat(12));
  });
});
