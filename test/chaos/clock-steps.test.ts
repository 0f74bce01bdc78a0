import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canFakeClock, withFakedClock } from '../support/faked-clock.js';
import { Host } from '../support/run-host.js';
import { tempFolder } from '../support/temp-folder.js';

describe.runIf(canFakeClock)('a clock that is set forward and back by hours', () => {
  it('neither restarts a sidecar nor holds up its restart', async () => {
    const file = join(await tempFolder(), 'clock');
    const host = new Host('clock-host', [file], withFakedClock(file));
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
