import { describe, expect, it } from 'vitest';
import type { FleetConfig } from '../../src/index.js';
import { type Sketch, sketchFleet } from './fleet-configs.js';
import { FleetWorld } from './fleet-world.js';

function four(sketch: Sketch = {}, settings: Omit<FleetConfig, 'sidecars'> = {}): FleetWorld {
  const config = sketchFleet({ api: { instances: 4, ...sketch }, db: {} }, settings);
  const world = new FleetWorld(config).run();
  world.commands.length = 0;
  world.emitted.length = 0;
  return world;
}

const told = (world: FleetWorld) => world.commands.map(({ type, name }) => `${type.slice(7)} ${name}`);

/** One turn, from its end of draining on. */
function turn(world: FleetWorld, name: string): FleetWorld {
  return world.drains(name).spawns(name).isHealthy(name);
}

describe('a rollout', () => {
  it('replaces one after the other, each once the one before serves', () => {
    const world = four().roll('api', 3);
    expect(told(world)).toEqual(['drain api-1']);
    world.drains('api-1');
    expect(told(world).at(-1)).toBe('replace api-1');
    world.spawns('api-1');
    expect(told(world)).toHaveLength(2);
    world.isHealthy('api-1');
    expect(told(world).at(-1)).toBe('drain api-2');
    for (const name of ['api-2', 'api-3', 'api-4']) turn(world, name);
    expect(world.emitted).toEqual([
      ...[1, 2, 3, 4].map((index) => ({ type: 'rolled', name: `api-${index}` })),
      { type: 'rollout-done', sidecar: 'api' },
    ]);
    expect(world.state).toBe('running');
    expect(told(world).filter((each) => each.includes('db'))).toEqual([]);
  });

  it('takes as many at once as may be missing', () => {
    const world = four().roll('api', 1);
    expect(told(world)).toEqual(['drain api-1', 'drain api-2', 'drain api-3']);
    turn(world, 'api-2');
    expect(told(world).at(-1)).toBe('drain api-4');
  });

  it('waits until the new process is ready, and not only healthy', () => {
    const world = four().roll('api', 3).drains('api-1').spawns('api-1');
    world.actor.send({ type: 'member.healthy', name: 'api-1' });
    expect(told(world)).toEqual(['drain api-1', 'replace api-1']);
    world.serves('api-1', true);
    expect(told(world).at(-1)).toBe('drain api-2');
  });

  it('fails when the new process is not ready in time', () => {
    const world = four().roll('api', 3).drains('api-1').spawns('api-1');
    world.actor.send({ type: 'member.healthy', name: 'api-1' });
    world.clock.advance(10_000);
    expect(world.emittedOf('rollout-failed')).toMatchObject(
      [{ name: 'api-1', why: /not ready in time/ }].map((each) => ({
        ...each,
        why: expect.stringMatching(each.why),
      })),
    );
    expect(world.state).toBe('running');
    expect(told(world)).toHaveLength(2);
  });

  it('does not wait for requests for longer than drainTimeout', () => {
    const world = four().roll('api', 3);
    world.clock.advance(29_999);
    expect(told(world)).toEqual(['drain api-1']);
    world.clock.advance(1);
    expect(told(world).at(-1)).toBe('replace api-1');
  });

  it('ends with one that does not come up: the others are left as they are, and the fleet goes on', () => {
    const world = four().roll('api', 3).drains('api-1').stops('api-1', 'restarts-exhausted');
    expect(world.emittedOf('rollout-failed')).toMatchObject([
      { sidecar: 'api', name: 'api-1', why: 'the restart budget is used up' },
    ]);
    expect(world.state).toBe('running');
    expect(told(world)).toHaveLength(2);
    expect(world.fake('api-2').state).toBe('healthy');
  });

  it('does not hold against the fleet what is lost while it is replaced', () => {
    const world = four({}, { intensity: 0 }).roll('api', 3).drains('api-1').spawns('api-1').loses('api-1');
    expect(world.state).toBe('running');
    expect(world.emittedOf('restart')).toEqual([]);
    world.settle();
    expect(world.emittedOf('rollout-done')).toHaveLength(1);
  });

  it('of which two fail at once is one failure, and no reason to stop', () => {
    const world = four().roll('api', 2).drains('api-1').drains('api-2');
    world.stops('api-1', 'compile-failed').stops('api-2', 'compile-failed');
    expect(world.state).toBe('running');
    expect(world.emittedOf('rollout-failed')).toHaveLength(1);
  });

  it('ends with a reload that does not compile, and nothing is replaced', () => {
    const world = four().roll('api', 3).drains('api-1');
    world.actor.send({ type: 'member.kept', name: 'api-1', why: 'it does not compile' });
    expect(world.emittedOf('rollout-failed')).toEqual([
      { type: 'rollout-failed', sidecar: 'api', name: 'api-1', why: 'it does not compile' },
    ]);
    expect(world.context.members['api-1']?.phase).toBe('up');
  });

  it('replaces the one that compiles before the others, however many may be missing', () => {
    const world = four({ compile: { command: 'make' } }).roll('api', 0);
    expect(told(world)).toEqual(['drain api-1']);
    turn(world, 'api-1');
    expect(told(world).slice(2)).toEqual(['drain api-2', 'drain api-3', 'drain api-4']);
  });

  it('waits while another is on the way up by itself, and takes it as well', () => {
    const world = four().roll('api', 3).loses('api-3').drains('api-1').spawns('api-1').isHealthy('api-1');
    expect(told(world)).toEqual(['drain api-1', 'replace api-1']);
    world.settle();
    expect(told(world).filter((each) => each.startsWith('replace'))).toHaveLength(4);
    expect(world.emittedOf('rollout-done')).toHaveLength(1);
  });

  it('has one that is lost before its turn is over wait for another turn', () => {
    const world = four().roll('api', 3).loses('api-1').settle();
    expect(told(world).filter((each) => each === 'replace api-1')).toHaveLength(1);
    expect(world.emittedOf('rollout-done')).toHaveLength(1);
  });

  it('that can never keep enough serving fails in the end', () => {
    const world = four().stops('api-4').roll('api', 3);
    expect(told(world)).toEqual([]);
    world.clock.advance(9999);
    expect(world.emittedOf('rollout-failed')).toEqual([]);
    world.clock.advance(1);
    expect(world.emittedOf('rollout-failed')).toMatchObject([{ why: 'fewer than 3 others serve' }]);
  });

  it('goes on when enough serve again in time', () => {
    const world = four().serves('api-3', false).serves('api-4', false).roll('api', 3);
    world.clock.advance(9000);
    world.serves('api-4', true);
    world.clock.advance(9000);
    expect(world.emittedOf('rollout-failed')).toEqual([]);
    // The one that does not serve can be spared.
    expect(told(world)).toEqual(['drain api-3']);
  });

  it.each([
    ['STOP', (world: FleetWorld) => world.send('STOP')],
    ['a restart that takes it along', (world: FleetWorld) => world.loses('db')],
  ])('is broken off by %s', (_, breakOff) => {
    const world = breakOff(four({}, { strategy: 'one-for-all' }).roll('api', 3));
    expect(world.emittedOf('rollout-failed')).toMatchObject([{ name: null }]);
    world.settle();
    expect(told(world).filter((each) => each.startsWith('replace'))).toEqual([]);
  });

  it('is one at a time', () => {
    const world = four().roll('api', 3).roll('db', 0);
    expect(told(world)).toEqual(['drain api-1']);
  });
});
