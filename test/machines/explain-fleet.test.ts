import { expect, it } from 'vitest';
import { explainFleetStop } from '../../machines/explain-fleet.js';
import type { FleetStopReason } from '../../machines/fleet.types.js';

it.each<[FleetStopReason, string]>([
  [{ type: 'requested' }, 'as requested'],
  [{ type: 'emptied' }, 'each of its sidecars has ended, or was stopped by itself'],
  [
    {
      type: 'intensity-exceeded',
      name: 'db',
      cause: { type: 'group-empty' },
      intensity: 10,
      period: 60_000,
    },
    'more than 10 restarts in 60 s, the last of "db": the last process of its group ended',
  ],
  [
    { type: 'sidecar-failed', name: 'api', reason: 'unkillable', cause: null },
    `"api" can't be kept running: a process of the sidecar is still there after SIGKILL, or a call in its library still under way`,
  ],
])('a fleet that is stopped says why: %j', (reason, words) => {
  expect(explainFleetStop(reason)).toBe(words);
});
