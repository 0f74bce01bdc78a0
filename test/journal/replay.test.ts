import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChartSettings } from '../../machines/chart-state.js';
import type { TransitionRecord } from '../../machines/transition-record.js';
import type { EventEntry, Journal, JournalEntry } from '../../src/journal/format.js';
import { parseJournal } from '../../src/journal/parse-journal.js';
import { replay } from '../../src/journal/replay.js';
import type { ChartConfig } from '../explore/chart.js';
import { JournalledWorld } from '../explore/journalled-world.js';
import { choices, play } from '../explore/moves.js';

const configs = fc.record({
  compile: fc.constantFrom<ChartConfig['compile'][]>('none', undefined),
  lazy: fc.boolean(),
  idleTimeout: fc.constantFrom(null, 60_000),
  process: fc.record({
    autoRestart: fc.boolean(),
    maxRestarts: fc.integer({ min: 0, max: 3 }),
    restartWindow: fc.constantFrom(2000, 100_000),
    restartDelay: fc.constantFrom(0, 2000),
    restartJitter: fc.constantFrom(0, 0.2, 1),
    stableAfter: fc.constantFrom(1000, 60_000),
  }),
  resources: fc.record({
    breachThreshold: fc.constantFrom(1, 2),
    onMemory: fc.constantFrom('restart' as const, 'degrade' as const, 'report' as const),
  }),
});

const luck = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 5 });

const lives = fc.tuple(configs, luck, choices(120), fc.constantFrom(0, 3000, 1_000_000));

function live([config, numbers, picks, checkpointAfter]: typeof lives extends fc.Arbitrary<infer Life>
  ? Life
  : never): JournalledWorld {
  let drawn = 0;
  const random = () => numbers[drawn++ % numbers.length] ?? 0;
  const world = new JournalledWorld(chartConfig(config), { random }, checkpointAfter);
  // Written in ticks of different length.
  play(world, picks, {}, ({ clock }) => void (clock.now() % 3 === 0 && world.text()));
  return world;
}

function chartConfig({
  compile,
  ...config
}: typeof configs extends fc.Arbitrary<infer Config> ? Config : never) {
  return { ...config, ...(compile && { compile }) };
}

describe('a replay', () => {
  it('comes to the same states, times, causes and delays, whatever happened', () => {
    let transitions = 0;
    fc.assert(
      fc.property(lives, (life) => {
        const world = live(life);
        const result = replay(world.journal());
        expect(result.difference).toBeNull();
        expect(result).toMatchObject({ sessions: 1, skipped: 0 });
        expect(result.transitions).toBe(world.transitions.length);
        transitions += result.transitions;
      }),
      { numRuns: 60 },
    );
    expect(transitions).toBeGreaterThan(300);
  });

  it('goes on from a checkpoint when what was before it is gone', () => {
    let resumed = 0;
    fc.assert(
      fc.property(lives, fc.nat(99), (life, cut) => {
        const { entries, unreadable } = live(life).journal();
        const rest = entries.slice(1 + (cut % Math.max(1, entries.length)));
        const result = replay({ entries: rest, unreadable });
        expect(result.difference).toBeNull();
        resumed += result.transitions;
      }),
      { numRuns: 40 },
    );
    expect(resumed).toBeGreaterThan(30);
  });

  it('finds the place where a transition was changed', () => {
    let found = 0;
    fc.assert(
      fc.property(lives, fc.nat(), fc.constantFrom(...changes), (life, pick, [what, change]) => {
        const journal = live(life).journal();
        const candidates = journal.entries.filter(isChangedBy(change));
        const entry = candidates[pick % Math.max(1, candidates.length)];
        if (entry === undefined) return;
        const changed = replay(
          withEntry(journal, { ...entry, transitions: (entry.transitions ?? []).map(change) }),
        );
        expect(changed.difference).toMatchObject({ session: entry.session, n: entry.n, type: 'event' });
        expect(changed.difference?.what).toMatch(new RegExp(`^transitions\\[\\d+\\]\\.${what}$`));
        expect(changed.difference?.recorded).not.toEqual(changed.difference?.replayed);
        found += 1;
      }),
      { numRuns: 40 },
    );
    expect(found).toBeGreaterThan(10);
  });

  it('finds the event that was changed, with both values', () => {
    const world = new JournalledWorld({ compile: 'none', healthCheck: { failureThreshold: 1 } });
    const journal = world.starts().check(true).check(false).journal();
    const last = journal.entries.at(-1);
    if (last?.type !== 'event' || last.event.type !== 'health.checked')
      throw new Error('It is another journal.');
    const { report } = last.event;
    const passed = { ...report, passed: true as const };
    const changed = replay(withEntry(journal, { ...last, event: { ...last.event, report: passed } }));
    expect(changed.difference).toMatchObject({ n: last.n, what: 'transitions[0]', replayed: undefined });
    expect(changed.difference?.recorded).toMatchObject({ to: 'degraded' });
  });

  it('finds a delay that was not the one to be chosen', () => {
    const world = new JournalledWorld(
      { compile: 'none', process: { restartJitter: 0.2 } },
      { random: () => 0.9 },
    );
    const journal = world.starts().check(true).exits().journal();
    const changed = journal.entries.map((entry) =>
      entry.type === 'session' ? { ...entry, settings: withBase(entry.settings, 7000) } : entry,
    );
    expect(replay(journal).difference).toBeNull();
    expect(replay({ ...journal, entries: changed }).difference).toMatchObject({
      what: 'transitions[1].decision.delay',
      recorded: 4100,
      replayed: 5740,
    });
  });

  it('begins anywhere in a crash loop, and knows how many restarts there were', () => {
    const world = new JournalledWorld({ compile: 'none', process: { restartDelay: 1000 } }, {}, 0);
    for (let crash = 0; crash < 4; crash += 1) {
      world.starts().text();
      world.exits().text();
      world.clock.advanceToNext();
      world.text();
    }
    const { entries } = world.journal();
    const delays = entries.flatMap(({ n }) => {
      const result = replay({ entries: entries.filter((entry) => entry.n >= n), unreadable: 0 });
      expect(result.difference).toBeNull();
      return result.sessions;
    });
    expect(delays.filter((sessions) => sessions === 1).length).toBeGreaterThan(10);
  });

  it('keeps the order of checks and samples where they decide together', () => {
    const world = new JournalledWorld({
      compile: 'none',
      healthCheck: { failureThreshold: 1, successThreshold: 2 },
      resources: { breachThreshold: 1, breachWindow: 1 },
    });
    world.starts().check(true, true, false).check(true).sample('greedy').check(true).sample('modest');
    expect(world.state).toBe('running');
    expect(replay(world.journal())).toMatchObject({ difference: null, events: 8 });
  });

  it('takes an entry that makes no sense as a difference', () => {
    const world = new JournalledWorld({ compile: 'none' });
    const { entries } = parseJournal(
      world.starts().text().replace('"process.spawned","generation"', '"process.exited","generation"'),
    );
    expect(replay({ entries, unreadable: 0 }).difference).toMatchObject({ n: 2, type: 'event' });
  });

  it('takes what is there twice once, and waits for a checkpoint where something is missing', () => {
    const { entries } = new JournalledWorld({ compile: 'none' }).starts().check(true).exits().journal();
    const twice = entries.flatMap((entry) => [entry, entry]);
    expect(replay({ entries: twice, unreadable: 0 })).toMatchObject({
      difference: null,
      events: 3,
      skipped: 0,
    });
    const missing = entries.filter(({ n }) => n !== 3);
    expect(replay({ entries: missing, unreadable: 0 })).toMatchObject({
      difference: null,
      events: 1,
      skipped: 1,
    });
  });

  it('has nothing to tell of nothing', () => {
    expect(replay(parseJournal(''))).toEqual({
      difference: null,
      sessions: 0,
      events: 0,
      transitions: 0,
      skipped: 0,
    });
  });
});

type Change = (record: TransitionRecord) => TransitionRecord;

const changes: readonly (readonly [what: string, change: Change])[] = [
  ['to', (record) => ({ ...record, to: record.to === 'degraded' ? 'running' : 'degraded' })],
  ['generation', (record) => ({ ...record, generation: record.generation + 1 })],
  [
    'decision.delay',
    ({ decision, ...record }) => ({
      ...record,
      decision: decision?.type === 'restart' ? { ...decision, delay: decision.delay + 1 } : decision,
    }),
  ],
  [
    'decision.reason',
    ({ decision, ...record }) => ({
      ...record,
      decision: decision?.type === 'stop' ? { ...decision, reason: 'unkillable' } : decision,
    }),
  ],
];

function isChangedBy(change: Change) {
  return (entry: JournalEntry): entry is EventEntry =>
    entry.type === 'event' &&
    (entry.transitions ?? []).some((record) => !isDeepStrictEqual(change(record), record));
}

function withEntry({ entries, unreadable }: Journal, changed: EventEntry): Journal {
  return { entries: entries.map((entry) => (entry.n === changed.n ? changed : entry)), unreadable };
}

function withBase(settings: ChartSettings, restartDelay: number): ChartSettings {
  return { ...settings, process: { ...settings.process, restartDelay } };
}
