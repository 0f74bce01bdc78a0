import { describe, expect, it } from 'vitest';
import { bar, cut, liveLines } from '../../src/cli/live-lines.js';
import type { ServiceStatus } from '../../src/control.js';
import { createSidecar } from '../../src/index.js';
import { Service, type ServiceSidecar } from '../../src/service/service.js';

const NOW = 1_700_000_000_000;
const look = { now: NOW, spinner: '*', columns: 100, most: 5 };

function statusOf(...changes: readonly Partial<ServiceSidecar>[]): ServiceStatus {
  const service = new Service(createSidecar({ name: 'api', process: { command: 'x' } }));
  const { sidecars, ...about } = service.status();
  const [idle] = sidecars;
  if (idle === undefined) throw new Error('there is one');
  return { ...about, sidecars: changes.map((each) => ({ ...idle, since: NOW - 5000, ...each })) };
}

const sample = {
  memoryMB: 450,
  memoryMeasure: 'pss',
  cpuPercent: 10,
  fileDescriptors: 5,
  processes: 1,
  sampledAt: NOW,
  trend: null,
} as const;

const running = { state: 'running', pid: 7 } as const;

describe('the lines below the log', () => {
  it('say what each is doing and for how long, and turn while it is on its way', () => {
    const [rule, ...lines] = liveLines(
      statusOf({ name: 'db', state: 'compiling' }, { name: 'api', ...ready(running) }),
      look,
    );
    expect(rule).toMatch(/^─{99}$/);
    expect(lines).toEqual([' * db   compiling  5s      ', ' ● api  running    5s      pid 7  ']);
  });

  it('show what is near a limit, or over it, and nothing else of what it uses', () => {
    const near = { ...ready(running), limits: { memoryMB: 512, cpuPercent: 80 } };
    const [, line] = liveLines(statusOf({ ...near, resources: sample }), look);
    expect(line).toContain('memory █████████░ 450 of 512 MiB  pid 7');
    expect(line).not.toContain('cpu');
    const [, far] = liveLines(statusOf({ ...near, resources: { ...sample, memoryMB: 400 } }), look);
    expect(far).not.toContain('memory');
    const [, gone] = liveLines(statusOf({ ...near, resources: sample, pid: null }), look);
    expect(gone).not.toContain('memory');
  });

  it('tell restarts that count, and that it takes no requests', () => {
    const status = statusOf({ ...running, restarts: { used: 2, max: 5, window: 1000 } });
    const [, line] = liveLines(status, look);
    expect(line).toContain('not ready  restarts 2/5  pid 7');
  });

  it('are cut to the width, and are those that are in trouble where there is no room for all', () => {
    const many = Array.from({ length: 9 }, (_, index) => ({ name: `api-${index}`, ...ready(running) }));
    const lines = liveLines(
      statusOf(...many, { name: 'db', state: 'stopped', reason: 'restarts-exhausted' }),
      { ...look, columns: 30 },
    );
    expect(lines).toHaveLength(6);
    expect(lines.join('\n')).toContain('db     stopped (restarts');
    expect(lines.at(-1)).toBe('  and 6 more: sidecar status');
    for (const line of lines) expect(line.length).toBeLessThan(30);
  });

  it('know how full a bar is, and never draw beyond it', () => {
    expect([bar(0), bar(0.5), bar(2)]).toEqual(['░░░░░░░░░░', '█████░░░░░', '██████████']);
    expect(cut([{ text: 'abc' }, { text: 'def' }], 5)).toBe('abcd');
  });
});

function ready<Changes extends object>(changes: Changes) {
  const { sidecars } = new Service(createSidecar({ process: { command: 'x' } })).status();
  const [idle] = sidecars;
  if (idle === undefined) throw new Error('there is one');
  return { ...changes, readiness: { ...idle.readiness, isReady: true } };
}
