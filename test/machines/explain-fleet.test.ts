import { expect, it } from 'vitest';
import { explainFleetEvent, explainFleetStop } from '../../machines/explain-fleet.js';
import type { FleetEmitted, FleetStopReason } from '../../machines/fleet.types.js';

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

it.each<[FleetEmitted, string]>([
  [{ type: 'state', state: 'running' }, 'the fleet is running'],
  [
    { type: 'restart', name: 'db', cause: { type: 'group-empty' }, restarted: ['db', 'api'] },
    '"db" is restarted, which takes along: api: the last process of its group ended',
  ],
  [{ type: 'rolled', name: 'api-1' }, '"api-1" was replaced'],
  [{ type: 'rollout-done', sidecar: 'api' }, 'the rollout of "api" is done'],
  [
    { type: 'rollout-failed', sidecar: 'api', name: null, why: 'it was broken off' },
    'the rollout of "api" ended early: it was broken off',
  ],
  [{ type: 'adopted', replaced: [] }, 'another configuration was adopted'],
  [{ type: 'adopted', replaced: ['api', 'db'] }, 'another configuration was adopted; replaced: api, db'],
  [{ type: 'changed', failures: [] }, 'all that the new configuration starts is up'],
  [
    { type: 'changed', failures: [{ name: 'api', reason: 'unkillable', cause: null }] },
    'not all that the new configuration starts came up: "api" (a process of the sidecar is still there after SIGKILL, or a call in its library still under way)',
  ],
  [{ type: 'stopped', reason: { type: 'requested' } }, 'the fleet is stopped: as requested'],
])('what happened to a fleet is told: %j', (event, words) => {
  expect(explainFleetEvent(event)).toBe(words);
});
