import fc from 'fast-check';
import type { SidecarCommand } from '../../machines/sidecar.types.js';
import { announced, handed, statusNotice } from './reports.js';
import type { FakeProcess, World } from './world.js';

/** One thing that can happen next in a world. */
interface Move {
  readonly name: string;
  readonly make: () => unknown;
}

export interface MoveOptions {
  /** The commands that people give; all of them unless told otherwise. */
  readonly commands?: readonly SidecarCommand['type'][];
}

const everyCommand: readonly SidecarCommand['type'][] = ['START', 'STOP', 'RESTART', 'RELOAD'];

/** Numbers that choose, one after the other, among what is possible. */
export const choices = (maxLength = 60) => fc.array(fc.nat(99_999), { maxLength, size: 'max' });

/** Lets the world go on by these choices, and looks at it after each. A failure tells all that happened. */
export function play(
  world: World,
  picks: readonly number[],
  { commands = everyCommand }: MoveOptions,
  afterEach: (world: World) => void,
): void {
  const log: string[] = [];
  try {
    for (const pick of picks) {
      const moves = possibleMoves(world, commands, pick);
      const move = moves[pick % moves.length];
      if (move === undefined) return;
      log.push(`${world.clock.now()} ${world.state}: ${move.name}`);
      move.make();
      if (world.error !== null) throw world.error;
      afterEach(world);
    }
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${message}\nafter:\n  ${log.join('\n  ')}`, { cause });
  }
}

function possibleMoves(world: World, commands: readonly SidecarCommand['type'][], pick: number): Move[] {
  return [
    ...commands.flatMap((command) => {
      // Nothing else leads out of there.
      const isOnlyWayOn = command === 'START' && world.state === 'stopped';
      return likely(isOnlyWayOn ? 20 : 1, command, () => world.send(command));
    }),
    ...likely(1, 'a check is wanted', () => world.send('health.requested')),
    ...clientMoves(world),
    ...timeMoves(world),
    ...compilerMoves(world),
    ...[...world.processes].flatMap((process) => processMoves(world, process)),
    ...watcherMoves(world),
    ...likely(1, 'another program takes it over', () => world.isTaken()),
    ...repetitions(world, pick),
  ];
}

/** A move that is so many times as likely as others: without that, the world hardly ever gets as far as `running`. */
function likely(weight: number, name: string, make: Move['make']): Move[] {
  return Array<Move>(weight).fill({ name, make });
}

function clientMoves(world: World): Move[] {
  const { reason } = world.context;
  const isOnlyWayOn = world.state === 'stopped' && (reason === 'idle' || reason === 'lazy');
  return [
    ...likely(isOnlyWayOn ? 20 : 1, 'a request comes', () => world.send('client.requested')),
    ...likely(1, 'nothing was requested', () => world.idles()),
  ];
}

function timeMoves({ clock, state }: World): Move[] {
  const due = clock.nextDue();
  if (due === null) return likely(1, 'time passes', () => clock.advance(1000));
  const half = Math.floor((due - clock.now()) / 2);
  const isWaiting = /^(restarting|stopping)/.test(state);
  return [
    ...likely(isWaiting ? 5 : 1, 'the next timer fires', () => clock.advanceToNext()),
    ...likely(1, 'half of the time to the next timer passes', () => clock.advance(half)),
  ];
}

function compilerMoves(world: World): Move[] {
  if (world.compilations.size === 0) return [];
  const mayFail = world.state === 'restarting.recompiling';
  return [
    ...likely(mayFail ? 1 : 20, 'it compiles', () => world.compiles()),
    ...likely(mayFail ? 4 : 1, 'it does not compile', () => world.failsToCompile()),
  ];
}

function processMoves(world: World, process: FakeProcess): Move[] {
  const name = `process ${process.generation}`;
  switch (process.phase) {
    case 'starting':
      return [
        ...likely(20, `${name} starts`, () => world.starts(process)),
        ...likely(2, `${name} can't be started now`, () => world.failsToStart(false, process)),
        ...likely(1, `${name} can't be started ever`, () => world.failsToStart(true, process)),
      ];
    case 'alive':
      return [
        ...likely(1, `${name} ends`, () => world.exits(0, undefined, process)),
        ...likely(1, `${name} ends and leaves others`, () => world.exits(2, undefined, process)),
        ...[announced, handed, statusNotice].flatMap((report) => {
          const event = report(process.generation);
          return likely(1, event.type, () => world.report(event));
        }),
      ];
    case 'survived':
      return likely(3, `the group of ${name} is empty`, () => world.empties(process));
  }
}

function watcherMoves(world: World): Move[] {
  const isChecked = world.healthWatchers.size > 0;
  const isSampled = world.resourceWatchers.size > 0;
  return [
    ...(isChecked
      ? likely(world.state === 'running' ? 3 : 10, 'a check passes', () => world.check(true))
      : []),
    ...(isChecked ? likely(5, 'a check fails', () => world.check(false)) : []),
    ...(isSampled ? likely(1, 'it is ready', () => world.checkReadiness(true)) : []),
    ...(isSampled ? likely(1, 'it is not ready', () => world.checkReadiness(false)) : []),
    ...(isSampled ? likely(2, 'a sample is modest', () => world.sample('modest')) : []),
    ...(isSampled ? likely(3, 'a sample is over a limit', () => world.sample('greedy')) : []),
  ];
}

/** A report comes a second time, at once or long after. */
function repetitions(world: World, pick: number): Move[] {
  const { reports } = world;
  const old = reports[(pick >> 4) % Math.max(1, reports.length)];
  const lastCheck = reports.findLast(({ type }) => type === 'health.checked');
  return [old, reports.at(-1), lastCheck].flatMap((report) =>
    report === undefined ? [] : likely(1, `again ${JSON.stringify(report)}`, () => world.report(report)),
  );
}
