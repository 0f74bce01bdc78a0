import { describe, expect, it } from 'vitest';
import { toDot } from '../../src/graph/dot.js';
import { readChart } from '../../src/graph/read-chart.js';
import { choosing, trafficLight } from './traffic-light.js';

describe('toDot', () => {
  const lines = toDot(readChart(trafficLight))
    .split('\n')
    .map((line) => line.trim());

  it('draws states with children as frames, and edges that end at them', () => {
    expect(lines[0]).toBe('digraph "light" {');
    expect(lines).toContain('subgraph "cluster green" {');
    expect(lines).toContain('"red" -> "green.steady" [label="GO [else]" lhead="cluster green"]');
    expect(lines).toContain('"green.steady" -> "red" [label="WAIT" ltail="cluster green"]');
  });

  it('lets a transition into its own state start inside', () => {
    expect(lines).toContain('"green (any)" -> "green.blinking" [label="GO [isNight]"]');
  });

  it('draws an initial state that is passed at once as arrows from the start', () => {
    const drawn = toDot(readChart(choosing));
    expect(drawn).toContain('"(start)" -> "off" [label="[isHoliday]"]\n  "(start)" -> "on"\n');
    expect(drawn.match(/shape=point/g)).toHaveLength(1);
    expect(drawn).not.toContain('dawn');
    expect(lines).toContain('"(start)" -> "red"');
  });
});
