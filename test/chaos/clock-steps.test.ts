import { join } from 'node:path';
import { globSync } from 'tinyglobby';
import { describe, expect, it } from 'vitest';
import { Host } from '../support/run-host.js';
import { tempFolder } from '../support/temp-folder.js';

/** Sets the wall clock of one process only. Debian's package `faketime` has it. */
const [library] = globSync('/usr/lib/**/faketime/libfaketimeMT.so.1', { absolute: true });
if (library === undefined)
  console.log('Not tested here: steps of the clock (needs libfaketime, of the package faketime).');

describe.skipIf(library === undefined)('a clock that is set forward and back by hours', () => {
  it('neither restarts a sidecar nor holds up its restart', async () => {
    const file = join(await tempFolder(), 'clock');
    const settings = {
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      LD_PRELOAD: library,
    };
    const exports = Object.entries(settings).map(([name, value]) => `export ${name}='${value}'`);
    const host = new Host('clock-host', [file], [`echo +0 > '${file}'`, ...exports].join('; '));
    await host.said('stopped');
    expect(await host.said('wrong by: ')).toBe('[3600,-86400,31536000,0]');
    // On a busy machine checks of the killed process may fail before its end is seen.
    const states = JSON.parse(await host.said('states: ')).filter((state: string) => state !== 'degraded');
    expect(states).toEqual([
      'compiling',
      'spawning',
      'waitingHealthy',
      'running',
      'restarting.deciding',
      'restarting.backingOff',
      'spawning',
      'waitingHealthy',
      'running',
    ]);
    expect(await host.said('in order: ')).toBe('true');
  });
});
