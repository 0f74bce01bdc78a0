import { describe, expect, it } from 'vitest';
import type { FleetConfig } from '../../src/index.js';
import { sketchFleet } from './fleet-configs.js';
import { crash, FleetWorld } from './fleet-world.js';

/** db ← api ← web, and cache beside them, written down last. */
function chain(settings: Omit<FleetConfig, 'sidecars'> = {}): FleetWorld {
  const config = sketchFleet(
    {
      db: {},
      api: { dependsOn: { db: 'healthy' } },
      web: { dependsOn: { api: 'started' } },
      cache: {},
    },
    settings,
  );
  return new FleetWorld(config);
}

const told = (world: FleetWorld) => world.commands.map(({ type, name }) => `${type.slice(7)} ${name}`);
const afterRun = (world: FleetWorld) => {
  world.run();
  world.commands.length = 0;
  return world;
};

describe('starting', () => {
  it('is side by side as far as the dependencies allow', () => {
    const world = chain().send('START');
    expect(told(world)).toEqual(['start db', 'start cache']);
    world.spawns('db');
    expect(told(world)).toHaveLength(2);
    world.isHealthy('db');
    expect(told(world).at(-1)).toBe('start api');
    // `started` does not wait for more.
    world.spawns('api');
    expect(told(world).at(-1)).toBe('start web');
    expect(world.state).toBe('starting');
    expect(world.settle().state).toBe('running');
  });

  it('that fails for good stops all of it, and says with which', () => {
    const world = chain().send('START').stops('db', 'compile-failed').settle();
    expect(world.state).toBe('stopped');
    expect(world.emittedOf('stopped')).toEqual([
      {
        type: 'stopped',
        reason: { type: 'sidecar-failed', name: 'db', reason: 'compile-failed', cause: null },
      },
    ]);
    expect(told(world)).not.toContain('start api');
  });

  it('goes on without one that somebody stops', () => {
    const world = chain().send('START').stops('db').settle();
    expect(world.state).toBe('running');
    expect(world.fake('api').state).toBe('healthy');
  });

  it('while stopping is remembered, and a STOP forgets it', () => {
    const world = afterRun(chain()).send('STOP').send('START').settle();
    expect(world.state).toBe('running');
    world.send('STOP').send('START').send('STOP').settle();
    expect(world.state).toBe('stopped');
  });
});

describe('stopping', () => {
  it('is in reverse, side by side as far as the dependencies allow', () => {
    const world = afterRun(chain()).send('STOP');
    expect(told(world)).toEqual(['stop cache', 'stop web']);
    world.stops('web');
    expect(told(world).at(-1)).toBe('stop api');
    world.stops('cache').stops('api');
    expect(told(world).at(-1)).toBe('stop db');
    expect(world.stops('db').state).toBe('stopped');
    expect(world.emittedOf('stopped')).toEqual([{ type: 'stopped', reason: { type: 'requested' } }]);
  });

  it('happens by itself when somebody has stopped each of them', () => {
    const world = afterRun(chain());
    for (const name of world.sidecars.keys()) world.stops(name);
    expect(world.state).toBe('stopped');
    expect(world.context.reason).toEqual({ type: 'emptied' });
  });

  it('ends one that somebody else started meanwhile, or after', () => {
    const world = afterRun(chain()).send('STOP').stops('web').isHealthy('web').settle();
    expect(world.state).toBe('stopped');
    expect(world.fake('web').state).toBe('stopped');
    world.isHealthy('web').send('STOP').settle();
    expect(world.fake('web').state).toBe('stopped');
  });
});

describe('one-for-one', () => {
  it('leaves the restart to the sidecar itself, and the others alone', () => {
    const world = afterRun(chain()).loses('db');
    expect(world.state).toBe('restarting');
    expect(world.emittedOf('restart')).toEqual([
      { type: 'restart', name: 'db', cause: crash, restarted: ['db'] },
    ]);
    expect(world.settle().state).toBe('running');
    expect(told(world)).toEqual([]);
  });
});

describe('rest-for-one', () => {
  it('ends what starts after it, in reverse, and starts all of that in order, the lost one first', () => {
    const world = afterRun(chain({ strategy: 'rest-for-one' })).loses('api');
    expect(world.emittedOf('restart')).toMatchObject([{ name: 'api', restarted: ['api', 'web', 'cache'] }]);
    expect(told(world)).toEqual(['stop api', 'stop cache', 'stop web']);
    world.stops('cache');
    world.clock.advance(5000);
    // Nothing starts before all of it is down.
    expect(told(world)).toHaveLength(3);
    world.stops('web');
    expect(told(world).slice(3)).toEqual(['start api', 'start cache']);
    world.settle();
    expect(told(world).slice(3)).toEqual(['start api', 'start cache', 'start web']);
    expect(world.state).toBe('running');
  });

  it('waits as long as the lost one would by itself', () => {
    const world = afterRun(chain({ strategy: 'rest-for-one' })).loses('cache');
    expect(told(world)).toEqual(['stop cache']);
    world.clock.advance(4999);
    expect(told(world)).toHaveLength(1);
    world.clock.advance(1);
    expect(told(world)).toEqual(['stop cache', 'start cache']);
    // Twice as long the second time.
    world.settle().loses('cache');
    world.clock.advance(9999);
    expect(told(world)).toHaveLength(3);
    world.clock.advance(1);
    expect(told(world).at(-1)).toBe('start cache');
    // And as at first, once it was stable.
    world.settle().clock.advance(60_000);
    world.loses('cache').clock.advance(5000);
    expect(told(world).at(-1)).toBe('start cache');
  });

  it('takes instances as equals: none of them comes after another', () => {
    const config = sketchFleet({ db: {}, api: { instances: 3 }, web: {} }, { strategy: 'rest-for-one' });
    const world = afterRun(new FleetWorld(config)).loses('api-1');
    expect(world.emittedOf('restart')).toMatchObject([{ restarted: ['api-1', 'web'] }]);
  });
});

describe('one-for-all', () => {
  it('ends all of them, in reverse, and starts all of them in order', () => {
    const world = afterRun(chain({ strategy: 'one-for-all' }))
      .loses('api')
      .settle();
    expect(told(world)).toEqual([
      'stop api',
      'stop cache',
      'stop web',
      'stop db',
      'start db',
      'start cache',
      'start api',
      'start web',
    ]);
    expect(world.state).toBe('running');
  });

  it('begins anew when one is lost on the way up', () => {
    const world = afterRun(chain({ strategy: 'one-for-all' })).loses('api');
    for (const name of ['cache', 'web', 'db']) world.stops(name);
    world.spawns('db').loses('db');
    expect(world.emittedOf('restart').map(({ name }) => name)).toEqual(['api', 'db']);
    expect(world.settle().state).toBe('running');
  });

  it('leaves one alone that somebody stopped', () => {
    const world = afterRun(chain({ strategy: 'one-for-all' }))
      .stops('cache')
      .loses('db')
      .settle();
    expect(told(world)).not.toContain('start cache');
    expect(world.state).toBe('running');
  });

  it('stops one without autoRestart, and does not start it again; its own end is no loss', () => {
    const config = sketchFleet(
      { db: {}, job: { process: { autoRestart: false } }, other: { process: { autoRestart: false } } },
      { strategy: 'one-for-all' },
    );
    const world = afterRun(new FleetWorld(config)).stops('other', 'exited');
    expect(world.state).toBe('running');
    expect(told(world)).toEqual([]);
    world.loses('db').settle();
    expect(told(world)).toEqual(['stop db', 'stop job', 'start db']);
    expect(world.emittedOf('restart')).toMatchObject([{ restarted: ['db'] }]);
  });
});

describe('escalation', () => {
  it.each(['one-for-one', 'one-for-all', 'rest-for-one'] as const)(
    '%s: one restart more than intensity within period stops all of it',
    (strategy) => {
      const world = afterRun(chain({ strategy, intensity: 2, period: 60_000 }));
      world.loses('db').settle().loses('cache').settle();
      expect(world.state).toBe('running');
      world.loses('api').settle();
      expect(world.state).toBe('stopped');
      expect(world.emittedOf('stopped')).toEqual([
        {
          type: 'stopped',
          reason: { type: 'intensity-exceeded', name: 'api', cause: crash, intensity: 2, period: 60_000 },
        },
      ]);
      expect(world.emittedOf('restart')).toHaveLength(2);
      expect([...world.sidecars.values()].map(({ state }) => state)).toEqual(Array(4).fill('stopped'));
    },
  );

  it('a restart counts while it is not older than period', () => {
    const world = afterRun(chain({ intensity: 1, period: 60_000 }))
      .loses('db')
      .settle();
    world.clock.advance(60_001);
    expect(world.loses('db').state).toBe('restarting');
    world.settle().clock.advance(60_000);
    expect(world.loses('db').settle().state).toBe('stopped');
  });

  it('intensity 0 allows none', () => {
    expect(
      afterRun(chain({ intensity: 0 }))
        .loses('db')
        .settle().state,
    ).toBe('stopped');
  });

  it('one that gives up by itself stops all of it', () => {
    const world = afterRun(chain()).loses('db').stops('db', 'restarts-exhausted').settle();
    expect(world.context.reason).toMatchObject({ type: 'sidecar-failed', reason: 'restarts-exhausted' });
  });

  it('where the fleet restarts it, its own maxRestarts holds all the same', () => {
    const config = sketchFleet(
      { db: { process: { maxRestarts: 2 } }, api: {} },
      { strategy: 'one-for-all', intensity: 100 },
    );
    const world = afterRun(new FleetWorld(config)).loses('db').settle().loses('db').settle();
    expect(world.state).toBe('running');
    world.loses('db').settle();
    expect(world.context.reason).toEqual({
      type: 'sidecar-failed',
      name: 'db',
      reason: 'restarts-exhausted',
      cause: crash,
    });
  });

  it('does not let the lost one come up again while the rest is ended', () => {
    const world = afterRun(chain({ intensity: 0 })).loses('db');
    expect(told(world)[0]).toBe('stop db');
    expect(world.fake('db').state).toBe('stopped');
  });

  it('is forgotten by a new start', () => {
    const world = afterRun(chain({ intensity: 0 }))
      .loses('db')
      .settle()
      .run();
    expect(world.state).toBe('running');
    expect(world.context).toMatchObject({ restarts: [], reason: null });
  });
});
