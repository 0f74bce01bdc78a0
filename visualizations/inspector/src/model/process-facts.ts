import type { ShownTransition } from '../../../../src/inspect/messages.js';
import { durationText } from '../time/words.js';
import { endpointText, type Facts } from './facts.js';

/** A name and what is known of it; null where nothing is. */
export type Fact = readonly [name: string, value: string | null];

/** How it is with the process now. */
export function presentFacts(
  facts: Facts | null,
  transitions: readonly ShownTransition[],
  now: number,
): readonly Fact[] {
  if (facts === null) return [];
  const { pid, generation, endpoint, isReady, requests, circuit, statusText } = facts;
  return [
    ['pid', textOf(pid)],
    ['generation', textOf(generation)],
    ['uptime', pid === null ? null : uptimeAt(transitions, now)],
    ['endpoint', endpoint],
    ['ready', isReady === null ? null : isReady ? 'yes' : 'no'],
    ['requests', requests === null ? null : `${requests.inFlight} in flight, ${requests.waiting} waiting`],
    ['circuit', circuit],
    ['says', statusText],
  ];
}

/** How it was right after a transition, which is the last of those that are given. */
export function pastFacts(
  { pid, generation, time }: ShownTransition,
  transitions: readonly ShownTransition[],
): readonly Fact[] {
  const endpoint = endpointText(lastSpawn(transitions)?.cause['endpoint']);
  return [
    ['pid', textOf(pid)],
    ['generation', textOf(generation)],
    ['uptime', pid === null ? null : uptimeAt(transitions, time)],
    ['endpoint', pid === null ? null : endpoint],
  ];
}

function uptimeAt(transitions: readonly ShownTransition[], now: number): string | null {
  const spawn = lastSpawn(transitions);
  return spawn === undefined ? null : durationText(now - spawn.time);
}

function lastSpawn(transitions: readonly ShownTransition[]): ShownTransition | undefined {
  return transitions.findLast(({ cause }) => cause.type === 'spawned');
}

function textOf(value: number | null): string | null {
  return value === null ? null : String(value);
}
