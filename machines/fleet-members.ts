import type { FleetMember } from '../src/config/resolve-fleet.js';
import type { FleetContext, MemberPhase, MemberState } from './fleet.types.js';
import { chooseBackoff, hasBudget, restartsInWindow } from './restart-policy.js';

export const idleMember: MemberState = {
  phase: 'down',
  afterwards: 'stay-down',
  isServing: false,
  isBackingOff: false,
  restarts: [],
  consecutiveRestarts: 0,
  healthySince: null,
};

type Members = FleetContext['members'];

export function stateOfMember(members: Members, name: string): MemberState {
  return members[name] ?? idleMember;
}

export function phaseOf({ members }: Pick<FleetContext, 'members'>, name: string): MemberPhase {
  return stateOfMember(members, name).phase;
}

export function withMember(members: Members, name: string, change: Partial<MemberState>): Members {
  return { ...members, [name]: { ...stateOfMember(members, name), ...change } };
}

export function memberOf({ config }: Pick<FleetContext, 'config'>, name: string): FleetMember {
  const member = config.members.find((each) => each.name === name);
  if (member === undefined) throw new Error(`The chart is wrong: there is no "${name}" in this fleet.`);
  return member;
}

/** Whether it is on its way up, or there. */
export function isActive(phase: MemberPhase): boolean {
  return phase !== 'down' && phase !== 'ending' && phase !== 'stopping';
}

/** In the terms of OTP it is temporary: it is stopped along with others, and never started again with them. */
export function isTemporary({ config }: FleetMember): boolean {
  return !config.process.autoRestart;
}

/**
 * All that are restarted when one is lost, itself included, in the order in which they start. Instances of one sidecar
 * are equals: none of them comes after another.
 */
export function restartedWith(
  context: Pick<FleetContext, 'config' | 'members'>,
  name: string,
): FleetMember[] {
  const { strategy, members } = context.config;
  const lost = memberOf(context, name);
  const last = members.findLastIndex(({ sidecar }) => sidecar === lost.sidecar);
  return members.filter((member, index) => {
    if (member.name === name) return true;
    if (strategy === 'one-for-one' || !isActive(phaseOf(context, member.name))) return false;
    return strategy === 'one-for-all' || index > last;
  });
}

/** Whether one more restart of the fleet, at `now`, would be one too many. */
export function exceedsIntensity({ config, restarts }: FleetContext, now: number): boolean {
  return recentRestarts({ config, restarts }, now).length + 1 > config.intensity;
}

/** OTP counts a restart that is exactly `period` old. */
export function recentRestarts(
  { config: { period }, restarts }: Pick<FleetContext, 'config' | 'restarts'>,
  now: number,
): readonly number[] {
  return restarts.filter((at) => now - at <= period);
}

/** What is held against a member: nothing, once it was up for `stableAfter`. */
function countedAgainst(state: MemberState, { config }: FleetMember, now: number) {
  const { healthySince, restarts, consecutiveRestarts } = state;
  const isStable = healthySince !== null && now - healthySince >= config.process.stableAfter;
  return isStable
    ? { restarts: [], consecutiveRestarts: 0 }
    : { restarts: restartsInWindow(restarts, config.process, now), consecutiveRestarts };
}

/** Whether its own `maxRestarts` allows one more. */
export function mayRestart(state: MemberState, member: FleetMember, now: number): boolean {
  return hasBudget(countedAgainst(state, member, now).restarts, member.config.process, now);
}

/** The state of a member that the fleet restarts, and after how long, in milliseconds: as it would by itself. */
export function backOff(
  state: MemberState,
  member: FleetMember,
  now: number,
  random: number,
): { readonly state: MemberState; readonly delay: number } {
  const counted = countedAgainst(state, member, now);
  const consecutiveRestarts = counted.consecutiveRestarts + 1;
  const { delay } = chooseBackoff(consecutiveRestarts, member.config.process, random);
  const restarts = [...counted.restarts, now + delay];
  return {
    delay,
    state: {
      ...state,
      // It has no process, so nothing has to be down before it.
      phase: 'stopping',
      afterwards: 'start',
      isBackingOff: true,
      restarts,
      consecutiveRestarts,
      healthySince: null,
    },
  };
}
