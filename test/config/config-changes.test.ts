import { describe, expect, it } from 'vitest';
import { compareFleets, compareSidecars } from '../../src/config/config-changes.js';
import { type FleetConfig, resolveConfig, resolveFleetConfig, type SidecarConfig } from '../../src/index.js';

type Sidecars = FleetConfig['sidecars'];

const process = { command: 'server' };
const base: Sidecars = {
  db: { process },
  api: { process, dependsOn: { db: 'healthy' } },
  web: { process },
};

function fleetOf(sidecars: Sidecars, settings: Partial<FleetConfig> = {}) {
  const placed = Object.entries(sidecars).map(([name, each]) => [name, { http: { port: 0 }, ...each }]);
  return resolveFleetConfig({ ...settings, sidecars: Object.fromEntries(placed) });
}

function compared(after: Sidecars, settings: Partial<FleetConfig> = {}, before: Sidecars = base) {
  const { fleet, sidecars } = compareFleets(fleetOf(before, settings), fleetOf(after, settings));
  const told = sidecars.map(({ name, effect, paths, alongWith }) =>
    [name, effect, ...paths, ...alongWith].join(' '),
  );
  return { fleet, told };
}

describe('a new configuration of a fleet', () => {
  it('leaves alone what is the same, functions with the same text included', () => {
    const sidecars = () => ({ ...base, api: { process: { ...process, env: () => ({ A: '1' }) } } });
    expect(compared(sidecars(), {}, sidecars()).told).toEqual(['db none', 'api none', 'web none']);
  });

  it('says which settings of a sidecar differ, and that its process has to be another', () => {
    const api = {
      process: { ...process, args: ['-v'] },
      healthCheck: { interval: 5000 },
      dependsOn: base['api']?.dependsOn ?? {},
    };
    expect(compared({ ...base, api }).told).toEqual([
      'db none',
      'api restart process.args healthCheck.interval',
      'web none',
    ]);
  });

  it('starts what is new, and stops what is gone', () => {
    const { db, api } = base;
    if (db === undefined || api === undefined) throw new Error('they are there');
    expect(compared({ db, api, cache: { process } }).told).toEqual([
      'db none',
      'api none',
      'cache start',
      'web stop',
    ]);
  });

  it('with more instances of one starts only those', () => {
    const of = (instances: number) => ({ api: { process, instances } });
    expect(compared(of(4), {}, of(2)).told).toEqual([
      'api-1 none',
      'api-2 none',
      'api-3 start',
      'api-4 start',
    ]);
    expect(compared(of(2), {}, of(4)).told).toEqual(['api-1 none', 'api-2 none', 'api-3 stop', 'api-4 stop']);
  });

  it('takes another order and the settings of the fleet in place', () => {
    const after = fleetOf({ ...base, api: { process } }, { intensity: 3 });
    const { fleet, sidecars } = compareFleets(fleetOf(base), after);
    expect(fleet).toEqual(['intensity']);
    expect(sidecars).toMatchObject([
      { name: 'db', effect: 'none' },
      { name: 'api', effect: 'in-place', paths: ['dependsOn'] },
      { name: 'web', effect: 'none' },
    ]);
  });

  it('restarts along what the strategy says, and no temporary ones', () => {
    const changed = {
      ...base,
      api: { process: { command: 'other' }, dependsOn: { db: 'healthy' as const } },
    };
    const along = (strategy: FleetConfig['strategy']) => compared(changed, { strategy }).told;
    expect(along('one-for-one')).toEqual(['db none', 'api restart process.command', 'web none']);
    expect(along('rest-for-one')).toEqual(['db none', 'api restart process.command', 'web restart api']);
    expect(along('one-for-all')).toEqual([
      'db restart api',
      'api restart process.command',
      'web restart api',
    ]);
    const temporary = { ...base, web: { process: { ...process, autoRestart: false } } };
    const { told } = compared({ ...changed, web: temporary.web }, { strategy: 'one-for-all' }, temporary);
    expect(told.at(-1)).toBe('web none');
  });
});

describe('a new configuration of a sidecar', () => {
  const changesOf = (before: SidecarConfig, after: SidecarConfig) =>
    compareSidecars(resolveConfig(before), resolveConfig(after)).sidecars;

  it('is compared setting by setting, expressions by their source', () => {
    const config = (flags: string) => ({
      process,
      endpoint: { from: 'log' as const, pattern: new RegExp('on (.+)', flags) },
    });
    expect(changesOf(config('i'), config('i'))).toMatchObject([{ effect: 'none', paths: [] }]);
    expect(changesOf(config('i'), config('u'))).toMatchObject([
      { change: 'changed', effect: 'restart', paths: ['endpoint.pattern'] },
    ]);
    expect(changesOf({ process }, { process, compile: { command: 'make' } })).toMatchObject([
      { paths: ['compile'] },
    ]);
  });
});
