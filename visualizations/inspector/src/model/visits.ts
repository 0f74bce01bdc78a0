import type { ShownTransition } from '../../../../src/inspect/messages.js';

/** How often a state was entered, and for how long it was active in all, in milliseconds, up to the last transition. */
export interface Visits {
  readonly count: number;
  readonly total: number;
}

/** The visits of each state, those with children included. */
export function countVisits(transitions: readonly ShownTransition[]): ReadonlyMap<string, Visits> {
  const visits = new Map<string, Visits>();
  for (const [index, { from, to, time }] of transitions.entries()) {
    const next = transitions[index + 1];
    const lasted = next === undefined ? 0 : next.time - time;
    for (const name of withAncestors(to)) {
      const { count, total } = visits.get(name) ?? { count: 0, total: 0 };
      const isEntered = name === to || from === null || !withAncestors(from).includes(name);
      visits.set(name, { count: count + (isEntered ? 1 : 0), total: total + lasted });
    }
  }
  return visits;
}

/** `restarting`, `restarting.backingOff`. */
export function withAncestors(name: string): readonly string[] {
  const parts = name.split('.');
  return parts.map((_, index) => parts.slice(0, index + 1).join('.'));
}
