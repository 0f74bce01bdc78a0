import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MemberCommand } from '../../machines/fleet.types.js';
import type { ResolvedFleetConfig } from '../../src/index.js';
import { anyFleet } from './fleet-configs.js';
import { playFleet } from './fleet-moves.js';
import { FleetWorld } from './fleet-world.js';

const choices = fc.array(fc.nat(99_999), { maxLength: 60, size: 'max' });
const RUNS = { numRuns: 80 };

/** Looks at each command for what must hold when it is given. */
function guarded(config: ResolvedFleetConfig): FleetWorld {
  const world = new FleetWorld(config);
  world.onCommand = (command) => {
    if (command.type === 'member.start') expectDependencies(world, command);
    if (command.type === 'member.stop') expectNobodyNeeds(world, command);
    if (command.type === 'member.drain') expectEnoughServe(world, command);
  };
  return world;
}

function expectDependencies(world: FleetWorld, { name }: MemberCommand): void {
  expect(world.fake(name).state, `${name} is started`).toBe('stopped');
  for (const { name: other, condition } of world.fake(name).member.dependsOn) {
    const { state } = world.fake(other);
    // Somebody stopped it, or it ended for good: nobody starts it.
    if (state === 'stopped' && world.context.members[other]?.phase === 'down') continue;
    const enough = condition === 'healthy' ? ['healthy'] : ['spawned', 'healthy'];
    expect(enough, `${other} when ${name} is started`).toContain(state);
  }
  const ending = [...world.sidecars.values()].filter(({ state }) => state === 'stopping');
  expect(
    ending.map(({ member }) => member.name),
    `ending when ${name} is started`,
  ).toEqual([]);
}

function expectNobodyNeeds(world: FleetWorld, { name }: MemberCommand): void {
  // The one that was lost has no process, and is kept from starting another.
  if (world.fake(name).state === 'backingOff') return;
  const needing = [...world.sidecars.values()]
    .filter(({ member }) => dependsOn(world, member.name, name))
    .filter(({ state }) => state !== 'stopped' && state !== 'backingOff');
  expect(
    needing.map(({ member }) => member.name),
    `needing ${name} when it is stopped`,
  ).toEqual([]);
}

/** By whatever way. */
function dependsOn(world: FleetWorld, name: string, other: string): boolean {
  return world
    .fake(name)
    .member.dependsOn.some((each) => each.name === other || dependsOn(world, each.name, other));
}

function expectEnoughServe(world: FleetWorld, { name }: MemberCommand): void {
  const { rollout } = world.context;
  const { sidecar } = world.fake(name).member;
  const serving = [...world.sidecars.values()].filter(
    ({ member, isServing, isDraining }) =>
      member.sidecar === sidecar && member.name !== name && isServing && !isDraining,
  );
  expect(serving.length, `serving beside ${name}`).toBeGreaterThanOrEqual(rollout?.keepServing ?? 0);
}

describe('in any fleet, whatever happens in whatever order', () => {
  it('nothing is started before what it depends on, stopped before what depends on it, or taken out of too few', () => {
    fc.assert(
      fc.property(anyFleet, choices, (config, picks) => {
        playFleet(guarded(config), picks);
      }),
      RUNS,
    );
  });

  it('it comes to rest, running or stopped, and agrees with its sidecars about it', () => {
    fc.assert(
      fc.property(anyFleet, choices, (config, picks) => {
        const world = guarded(config);
        playFleet(world, picks);
        world.settle();
        expect(['running', 'stopped']).toContain(world.state);
        expect(world.context.rollout).toBeNull();
        for (const [name, { state }] of world.sidecars) {
          const phase = world.context.members[name]?.phase;
          expect({ name, phase, state }).toEqual({
            name,
            phase: state === 'stopped' ? 'down' : 'up',
            state: state === 'stopped' ? 'stopped' : 'healthy',
          });
        }
      }),
      RUNS,
    );
  });

  it('STOP stops all of it, and nothing is started from then on', () => {
    fc.assert(
      fc.property(anyFleet, choices, (config, picks) => {
        const world = guarded(config);
        playFleet(world, picks);
        world.send('STOP');
        world.commands.length = 0;
        world.settle();
        expect(world.state).toBe('stopped');
        expect([...world.sidecars.values()].map(({ state }) => state)).not.toContain('healthy');
        expect(world.commands.filter(({ type }) => type === 'member.start')).toEqual([]);
      }),
      RUNS,
    );
  });

  it('there are never more restarts than intensity within period', () => {
    fc.assert(
      fc.property(anyFleet, choices, (config, picks) => {
        const times: number[] = [];
        const world = guarded(config);
        playFleet(world, picks, () => {
          // A person who starts it forgives everything.
          if (world.context.restarts.length === 0) times.length = 0;
          const restarts = world.emittedOf('restart').length;
          world.emitted.length = 0;
          for (let each = 0; each < restarts; each += 1) times.push(world.clock.now());
          const recent = times.filter((at) => world.clock.now() - at <= config.period);
          expect(recent.length).toBeLessThanOrEqual(config.intensity);
        });
      }),
      RUNS,
    );
  });

  it('exactly what the strategy says is restarted when one of a running fleet is lost, each once', () => {
    fc.assert(
      fc.property(anyFleet, fc.nat(), (config, pick) => {
        fc.pre(config.intensity > 0);
        const world = guarded(config).run();
        expect(world.state).toBe('running');
        const permanent = config.members.filter((member) => member.config.process.autoRestart);
        const lost = permanent[pick % Math.max(1, permanent.length)];
        fc.pre(lost !== undefined);
        if (lost === undefined) return;
        world.commands.length = 0;
        world.loses(lost.name).settle();
        const { started, stopped } = expectedRestarts(config, lost.name);
        const told = (type: MemberCommand['type']) =>
          world.commands.filter((command) => command.type === type).map(({ name }) => name);
        expect(told('member.start').toSorted()).toEqual(started.toSorted());
        expect(told('member.stop').toSorted()).toEqual(stopped.toSorted());
        expect(world.state).toBe('running');
      }),
      RUNS,
    );
  });
});

/** By OTP's definition, written down a second time: over the order of the sidecars in which they start. */
function expectedRestarts({ strategy, members }: ResolvedFleetConfig, lost: string) {
  // Its own chart does it.
  if (strategy === 'one-for-one') return { started: [], stopped: [] };
  const order = [...new Set(members.map(({ sidecar }) => sidecar))];
  const own = members.find(({ name }) => name === lost)?.sidecar ?? '';
  const stopped = members.filter(({ name, sidecar }) => {
    if (name === lost || strategy === 'one-for-all') return true;
    return order.indexOf(sidecar) > order.indexOf(own);
  });
  const started = stopped.filter((member) => member.config.process.autoRestart);
  return { started: started.map(({ name }) => name), stopped: stopped.map(({ name }) => name) };
}
