import { describe, expect, it } from 'vitest';
import type { ProcessCommand, SidecarCommand } from '../../machines/sidecar.types.js';
import { type RestingState, restingStates } from './chart.js';
import { World } from './world.js';

type Command = SidecarCommand['type'];

/** What a command does at once, and where the sidecar is once the process of then is gone. */
interface Meaning {
  readonly to: RestingState;
  readonly orders?: readonly ProcessCommand['type'][];
  readonly compilesAnew?: true;
  readonly onceGone?: RestingState;
}

type Row = Readonly<Record<Command, Meaning>>;

const running = () => new World().compiles().starts().check(true);
const degraded = () => running().check(false, false, false);
const terminating = () => degraded().advance(10_000);
const stopping = () => running().send('STOP');

const ways: Readonly<Record<RestingState, () => World>> = {
  compiling: () => new World(),
  spawning: () => new World().compiles(),
  waitingHealthy: () => new World().compiles().starts(),
  running,
  degraded,
  'restarting.recompiling': () => running().send('RELOAD'),
  'restarting.terminating': terminating,
  'restarting.killing': () => terminating().advance(10_000),
  'restarting.backingOff': () => running().exits(),
  'stopping.terminating': stopping,
  'stopping.killing': () => stopping().advance(10_000),
  stopped: () => stopping().exits(),
};

const compiling: Meaning = { to: 'compiling', compilesAnew: true };
const stop: Meaning = { to: 'stopping.terminating', orders: ['process.terminate'], onceGone: 'stopped' };
const restart: Meaning = {
  to: 'restarting.terminating',
  orders: ['process.terminate'],
  onceGone: 'compiling',
};
const recompile: Meaning = {
  to: 'restarting.recompiling',
  compilesAnew: true,
  onceGone: 'restarting.recompiling',
};

/** START does nothing: it is started, so that the chart goes on by itself when the process ends. */
const started = (to: RestingState): Meaning => ({ to, onceGone: 'restarting.backingOff' });

const meanings: Readonly<Record<RestingState, Row>> = {
  compiling: { START: { to: 'compiling' }, STOP: { to: 'stopped' }, RESTART: compiling, RELOAD: compiling },
  spawning: { START: started('spawning'), STOP: stop, RESTART: restart, RELOAD: restart },
  waitingHealthy: { START: started('waitingHealthy'), STOP: stop, RESTART: restart, RELOAD: restart },
  running: { START: started('running'), STOP: stop, RESTART: restart, RELOAD: recompile },
  degraded: { START: started('degraded'), STOP: stop, RESTART: restart, RELOAD: recompile },
  'restarting.recompiling': {
    START: { to: 'restarting.recompiling', onceGone: 'restarting.recompiling' },
    STOP: stop,
    RESTART: restart,
    RELOAD: recompile,
  },
  'restarting.terminating': {
    START: started('restarting.terminating'),
    STOP: { to: 'stopping.terminating', onceGone: 'stopped' },
    RESTART: { to: 'restarting.terminating', onceGone: 'compiling' },
    RELOAD: { to: 'restarting.terminating', onceGone: 'compiling' },
  },
  'restarting.killing': {
    START: started('restarting.killing'),
    STOP: { to: 'stopping.killing', orders: ['process.kill'], onceGone: 'stopped' },
    RESTART: { to: 'restarting.killing', onceGone: 'compiling' },
    RELOAD: { to: 'restarting.killing', onceGone: 'compiling' },
  },
  'restarting.backingOff': {
    START: { to: 'restarting.backingOff' },
    STOP: { to: 'stopped' },
    RESTART: compiling,
    RELOAD: compiling,
  },
  'stopping.terminating': {
    START: { to: 'stopping.terminating', onceGone: 'compiling' },
    STOP: { to: 'stopping.terminating', onceGone: 'stopped' },
    RESTART: { to: 'stopping.terminating', onceGone: 'compiling' },
    RELOAD: { to: 'stopping.terminating', onceGone: 'stopped' },
  },
  'stopping.killing': {
    START: { to: 'stopping.killing', onceGone: 'compiling' },
    STOP: { to: 'stopping.killing', onceGone: 'stopped' },
    RESTART: { to: 'stopping.killing', onceGone: 'compiling' },
    RELOAD: { to: 'stopping.killing', onceGone: 'stopped' },
  },
  stopped: {
    START: compiling,
    STOP: { to: 'stopped' },
    RESTART: compiling,
    RELOAD: { to: 'stopped' },
  },
};

const commands: readonly Command[] = ['START', 'STOP', 'RESTART', 'RELOAD'];
const cells = restingStates.flatMap((state) => commands.map((command) => ({ state, command })));

describe('every command in every state has its meaning', () => {
  it.each(cells)('$command in $state', ({ state, command }) => {
    const { to, orders = [], compilesAnew = false, onceGone } = meanings[state][command];
    const world = ways[state]();
    expect(world.state).toBe(state);
    const before = { orders: world.orders.length, compilation: world.context.compilation };

    world.send(command);
    expect(world.state).toBe(to);
    expect(world.ordered.slice(before.orders)).toEqual(orders);
    expect(world.context.compilation).toBe(before.compilation + (compilesAnew ? 1 : 0));
    expect(world.processes.size).toBe(onceGone === undefined ? 0 : 1);
    if (onceGone === undefined) return;

    if (world.process.phase === 'starting') world.failsToStart(false);
    else world.exits();
    expect(world.state).toBe(onceGone);
    expect(world.processes.size).toBe(0);
  });
});

/** Where automatic restarts may have been counted. */
const counted = restingStates.filter((state) => !['compiling', 'stopped'].includes(state));

describe('the budget', () => {
  const clears = (state: RestingState, command: Command): boolean => {
    const isStopping = state.startsWith('stopping.');
    if (command === 'RESTART') return true;
    if (command === 'START') return isStopping;
    const serves = ['running', 'degraded', 'restarting.recompiling'].includes(state);
    return command === 'RELOAD' && !serves && !isStopping;
  };

  it.each(counted.flatMap((state) => commands.map((command) => ({ state, command }))))(
    '$command in $state clears it only if it means a new process',
    ({ state, command }) => {
      const world = afterOneCrash(state);
      expect(world.context.restarts.length, `budget in ${world.state}`).toBeGreaterThan(0);
      world.send(command);
      const cleared = world.context.restarts.length === 0 && world.context.consecutiveRestarts === 0;
      expect(cleared).toBe(clears(state, command));
    },
  );
});

function afterOneCrash(state: RestingState): World {
  const crashed = running().exits().advance(5000);
  const healthy = () => crashed.starts().check(true);
  const ending = () => healthy().check(false, false, false).advance(10_000);
  switch (state) {
    case 'spawning':
      return crashed;
    case 'waitingHealthy':
      return crashed.starts();
    case 'degraded':
      return healthy().check(false, false, false);
    case 'restarting.recompiling':
      return healthy().send('RELOAD');
    case 'restarting.terminating':
      return ending();
    case 'restarting.killing':
      return ending().advance(10_000);
    case 'restarting.backingOff':
      return healthy().exits();
    case 'stopping.terminating':
      return healthy().send('STOP');
    case 'stopping.killing':
      return healthy().send('STOP').advance(10_000);
    default:
      return healthy();
  }
}
