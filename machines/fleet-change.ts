import type { Change, FleetContext, MemberState } from './fleet.types.js';
import { idleMember, phaseOf, stateOfMember } from './fleet-members.js';

type Members = FleetContext['members'];
type Standing = Pick<FleetContext, 'config' | 'members' | 'change'>;

/** Those that have to be down before a new configuration is adopted, told to end: what is gone, replaced, or goes along. */
export function endedFor({ config, members }: Omit<Standing, 'change'>, change: Change): Members {
  const again = [...change.replaced, ...change.restarted];
  const ended = config.members
    .filter(({ name }) => isGone(change, name) || again.includes(name))
    .map(({ name }): [string, MemberState] => {
      const state = stateOfMember(members, name);
      const afterwards = again.includes(name) ? 'start' : 'stay-down';
      return [name, { ...state, phase: endOf(state), afterwards, isBackingOff: false, healthySince: null }];
    });
  return Object.fromEntries(ended);
}

/** Whether nothing is left of the sidecars that the new configuration has not, or has differently. */
export function mayBeAdopted({ config, members, change }: Standing): boolean {
  if (change === null || change.isAdopted) return false;
  return config.members
    .filter(({ name }) => isGone(change, name) || change.replaced.includes(name))
    .every(({ name }) => hasNoProcess(phaseOf({ members }, name)));
}

/** The members as the new configuration has them. */
export function membersAfter(members: Members, { config, replaced, isWanted }: Change): Members {
  return Object.fromEntries(
    config.members.map(({ name }) => {
      const present = members[name];
      if (present !== undefined && !replaced.includes(name)) return [name, present];
      return [name, isWanted ? { ...idleMember, phase: 'waiting' } : idleMember];
    }),
  );
}

/** Whether it is new, replaced or restarted, and was not up since. */
export function isComing({ members, change }: Omit<Standing, 'config'>, name: string): boolean {
  if (change === null || !change.isAdopted || !change.awaited.includes(name)) return false;
  return !['up', 'down'].includes(phaseOf({ members }, name));
}

/** Whether each that is awaited is up, or is not going to be. */
export function isChanged({ members, change }: Omit<Standing, 'config'>): boolean {
  return change?.isAdopted === true && !change.awaited.some((name) => isComing({ members, change }, name));
}

function isGone({ config }: Change, name: string): boolean {
  return !config.members.some((member) => member.name === name);
}

function hasNoProcess(phase: MemberState['phase']): boolean {
  return phase === 'down' || phase === 'waiting';
}

function endOf({ phase }: MemberState): MemberState['phase'] {
  return hasNoProcess(phase) || phase === 'stopping' ? phase : 'ending';
}
