import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareFleets, endedBy } from '../../src/config/config-changes.js';
import type { ResolvedFleetConfig } from '../../src/index.js';
import { anyFleet, sketchFleet } from './fleet-configs.js';
import { playFleet } from './fleet-moves.js';
import { FleetWorld } from './fleet-world.js';

const other = { process: { args: ['other'] } };

function changeTo(world: FleetWorld, config: ResolvedFleetConfig): FleetWorld {
  const { replaced, restarted } = endedBy(compareFleets(world.config, config));
  world.commands.length = 0;
  return world.changes(config, replaced, restarted);
}

function running(config: ResolvedFleetConfig): FleetWorld {
  const world = new FleetWorld(config).run();
  expect(world.state).toBe('running');
  return world;
}

const told = (world: FleetWorld) => world.commands.map(({ type, name }) => `${type.slice(7)} ${name}`);

describe('a new configuration', () => {
  it('replaces what differs, and leaves what depends on it up', () => {
    const world = running(sketchFleet({ db: {}, api: { dependsOn: { db: 'healthy' } } }));
    changeTo(world, sketchFleet({ db: other, api: { dependsOn: { db: 'healthy' } } }));
    expect(told(world)).toEqual(['stop db']);
    expect(world.emittedOf('adopted')).toEqual([]);
    world.stops('db');
    expect(world.emittedOf('adopted')).toEqual([{ type: 'adopted', replaced: ['db'] }]);
    expect(told(world)).toEqual(['stop db', 'start db']);
    expect(world.state).toBe('restarting');
    world.settle();
    expect(world.emittedOf('changed')).toEqual([{ type: 'changed', failures: [] }]);
    expect(world.state).toBe('running');
    expect(told(world)).toHaveLength(2);
  });

  it('stops what is gone in reverse, and then starts what is new in order', () => {
    const world = running(sketchFleet({ db: {}, api: { dependsOn: { db: 'healthy' } }, web: {} }));
    changeTo(world, sketchFleet({ web: {}, log: {}, mail: { dependsOn: { log: 'healthy' } } }));
    expect(told(world)).toEqual(['stop api']);
    world.stops('api');
    expect(told(world)).toEqual(['stop api', 'stop db']);
    world.settle();
    expect(told(world)).toEqual(['stop api', 'stop db', 'start log', 'start mail']);
    expect(world.state).toBe('running');
  });

  it('restarts along what the strategy says', () => {
    const settings = { strategy: 'rest-for-one' as const };
    const world = running(sketchFleet({ db: {}, api: {}, web: {} }, settings));
    changeTo(world, sketchFleet({ db: {}, api: other, web: {} }, settings)).settle();
    expect(told(world)).toEqual(['stop web', 'stop api', 'start api', 'start web']);
    expect(world.emittedOf('changed')).toHaveLength(1);
  });

  it('leaves the others alone when something does not come up, and tells it', () => {
    const world = running(sketchFleet({ db: {}, api: {} }));
    changeTo(world, sketchFleet({ db: {}, api: other }));
    world.stops('api').stops('api', 'spawn-failed').settle();
    expect(world.emittedOf('changed')).toEqual([
      { type: 'changed', failures: [{ name: 'api', reason: 'spawn-failed', cause: null }] },
    ]);
    expect(world.state).toBe('running');
    expect(world.fake('db').state).toBe('healthy');
    // And what comes up next is no part of it any more.
    world.stops('db', 'restarts-exhausted').settle();
    expect(world.state).toBe('stopped');
  });

  it('starts nothing in a fleet that is stopped, and all of it with the next START', () => {
    const world = new FleetWorld(sketchFleet({ db: {} }));
    changeTo(world, sketchFleet({ db: other, api: {} })).settle();
    expect([world.state, told(world)]).toEqual(['stopped', []]);
    expect(world.emittedOf('changed')).toHaveLength(1);
    world.run();
    expect(told(world).toSorted()).toEqual(['start api', 'start db']);
  });

  it('is there after a STOP that came meanwhile', () => {
    const world = running(sketchFleet({ db: {}, api: {} }));
    changeTo(world, sketchFleet({ db: other, web: {} }))
      .send('STOP')
      .settle();
    expect([world.state, world.context.change]).toEqual(['stopped', null]);
    expect(told(world).filter((each) => each.startsWith('start'))).toEqual([]);
    expect(world.run().state).toBe('running');
    expect([...world.sidecars.keys()].toSorted()).toEqual(['db', 'web']);
  });

  it('waits for no rollout, and no rollout for it: one of the two is refused', () => {
    const config = sketchFleet({ api: { instances: 2 } });
    const world = running(config).roll('api', 1);
    changeTo(world, sketchFleet({ api: { instances: 3 } }));
    expect(world.context.change).toBeNull();
    world.settle();
    changeTo(world, sketchFleet({ api: { instances: 2, ...other } })).roll('api', 1);
    expect(world.context.rollout).toBeNull();
  });
});

const choices = fc.array(fc.nat(99_999), { maxLength: 40, size: 'max' });

it('whatever happens before, during and after it, any fleet becomes any other, and agrees with its sidecars', () => {
  fc.assert(
    fc.property(anyFleet, anyFleet, choices, choices, (before, after, earlier, later) => {
      const world = new FleetWorld(before);
      playFleet(world, earlier);
      fc.pre(world.context.rollout === null);
      changeTo(world, after);
      playFleet(world, later);
      world.settle();
      expect(world.context.config).toBe(after);
      expect(world.context.change).toBeNull();
      expect(world.emittedOf('adopted')).toHaveLength(1);
      expect(world.emittedOf('changed')).toHaveLength(1);
      expect(['running', 'stopped']).toContain(world.state);
      for (const [name, { state }] of world.sidecars) {
        const phase = world.context.members[name]?.phase;
        const isUp = state === 'healthy';
        expect({ name, phase, state }).toEqual({
          name,
          phase: isUp ? 'up' : 'down',
          state: isUp ? state : 'stopped',
        });
      }
    }),
    { numRuns: 300 },
  );
});
