import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type WhatIfEvent, whatIf, whatIfNotStarted } from '../../machines/what-if.js';
import { type ChartConfig, chartOf, resolveChartConfig } from '../explore/chart.js';
import { choices, play } from '../explore/moves.js';
import { everyEvent, exited } from '../explore/reports.js';
import { World } from '../explore/world.js';

const healthy = (config: ChartConfig = {}) => new World(config).compiles().starts().check(true);
const ask = ({ actor }: World, event: WhatIfEvent) => whatIf(actor.logic, actor.getSnapshot(), event);

describe('what the machine would do', () => {
  it('is what it does, on any event in any state; and asking changes nothing', () => {
    fc.assert(
      fc.property(choices(60), fc.nat(), (picks, pick) => {
        const world = new World();
        play(world, picks, {}, () => {});
        const before = world.actor.getSnapshot();
        const emitted = world.emitted.length;
        const due = world.clock.nextDue();
        const events = everyEvent(world.context);
        const answers = events.map((event) => ask(world, event));
        expect(world.actor.getSnapshot()).toBe(before);
        expect([world.emitted.length, world.clock.nextDue()]).toEqual([emitted, due]);

        const event = events[pick % events.length];
        const answer = answers[pick % events.length];
        if (event === undefined || answer === undefined) return;
        const count = world.transitions.length;
        world.actor.send(event);
        expect(answer.type === 'taken' ? answer.to : answer.state).toBe(world.state);
        expect(answer.type === 'taken' ? answer.transitions : []).toEqual(world.transitions.slice(count));
        if (answer.type === 'ignored') expect(world.context).toBe(before.context);
      }),
      { numRuns: 80 },
    );
  });

  it('tells a crash with the delay that would be chosen, and how', () => {
    const answer = ask(
      healthy({ process: { restartDelay: 5000 } }),
      exited(1, 0, { code: 137, signal: null }),
    );
    expect(answer).toMatchObject({
      type: 'taken',
      from: 'running',
      to: 'restarting.backingOff',
      explanation: expect.stringMatching(/restart 1 of 5 in 10 min, in 5 s: .*137 \(128 \+ 9, SIGKILL\)$/),
      transitions: [{ to: 'restarting.deciding' }, { decision: { delay: 5000 } }],
    });
    expect(answer.type === 'taken' && answer.actions).toContain(
      'waits 5 s before the next try (5 s, capped at 60 s)',
    );
  });

  it('tells what is done about a STOP, and then about another START', () => {
    const world = healthy();
    expect(ask(world, { type: 'STOP' })).toMatchObject({
      to: 'stopping.terminating',
      actions: [
        'asks process 1001 and its group to end (SIGTERM)',
        'waits up to 10 s for its end, then kills it',
        'makes requests wait',
      ],
    });
    expect(ask(world.send('STOP'), { type: 'START' })).toMatchObject({
      type: 'taken',
      to: 'stopping.terminating',
      transitions: [],
      explanation: 'it stays in stopping.terminating',
      actions: ['starts it again once it is stopped'],
    });
  });

  it('tells of the end of a timer', () => {
    const degraded = healthy().check(false, false, false);
    expect(ask(degraded, { type: 'after', delay: 'degradedTimeout' })).toMatchObject({
      to: 'restarting.terminating',
      explanation: expect.stringContaining('it did not recover within 10 s'),
    });
    expect(ask(degraded, { type: 'after', delay: 'backoff' })).toEqual({
      type: 'ignored',
      state: 'degraded',
      explanation: 'the end of backoff means nothing in degraded',
    });
  });

  it('tells what is only passed on', () => {
    expect(ask(healthy(), { type: 'health.requested' })).toMatchObject({
      type: 'taken',
      to: 'running',
      actions: ['checks its health now'],
    });
  });

  it('ignores what is about another process', () => {
    expect(ask(healthy(), exited(0))).toMatchObject({
      type: 'ignored',
      explanation: 'it is about process 0, and the present one is 1',
    });
  });

  it('ignores everything once the machine has ended', () => {
    const world = healthy();
    world.actor.stop();
    expect(ask(world, { type: 'START' })).toEqual({
      type: 'ignored',
      state: 'running',
      explanation: 'it was given up',
    });
  });
});

describe('what a machine that was never started would do', () => {
  const askNew = (config: ChartConfig, event: WhatIfEvent) => {
    const resolved = resolveChartConfig(config);
    return whatIfNotStarted(chartOf(resolved), resolved, event);
  };

  it('starts on a command', () => {
    for (const type of ['START', 'RESTART'] as const) {
      expect(askNew({}, { type })).toMatchObject({
        from: 'stopped',
        to: 'compiling',
        actions: ['compiles with compiler'],
      });
    }
  });

  it('ignores everything else', () => {
    expect(askNew({}, { type: 'STOP' })).toEqual({
      type: 'ignored',
      state: 'stopped',
      explanation: 'it was never started',
    });
    expect(askNew({}, { type: 'client.requested' })).toMatchObject({ type: 'ignored' });
  });

  it('starts on a request when it is lazy', () => {
    expect(askNew({ lazy: true }, { type: 'client.requested' })).toMatchObject({
      from: 'stopped',
      to: 'compiling',
    });
  });
});
