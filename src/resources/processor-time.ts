import { isSame, type Member, type Members } from './member.js';

/**
 * Processor time that a group used between two looks at it, in milliseconds; never less than nothing.
 *
 * Of a process that ended meanwhile only its parent tells, once it has waited for it: its time since its very start
 * is then in the parent's `reaped`. What was already counted for it is taken off again, so that its end does not look
 * like a burst. A process whose parent is not of the group, or ignores SIGCHLD, takes with it what it used since the
 * first look.
 */
export function processorTimeBetween(before: Members, after: Members): number {
  const counted = countedOfEnded(before, after);
  let total = 0;
  for (const member of after.values()) {
    const { own, reaped } = atFirstLook(before, member);
    total += Math.max(0, member.own - own);
    total += Math.max(0, member.reaped - reaped - (counted.get(member.pid) ?? 0));
  }
  return total;
}

/** A new one is younger than the first look, so all that it used was used since. */
function atFirstLook(before: Members, member: Member): Pick<Member, 'own' | 'reaped'> {
  const found = before.get(member.pid);
  return found !== undefined && isSame(found, member) ? found : { own: 0, reaped: 0 };
}

/** What was counted for those that have ended, by whoever of the living inherits it. */
function countedOfEnded(before: Members, after: Members): ReadonlyMap<number, number> {
  const counted = new Map<number, number>();
  for (const member of before.values()) {
    if (isSame(after.get(member.pid), member)) continue;
    const heir = nearestLivingAncestor(member, before, after);
    if (heir !== null) counted.set(heir, (counted.get(heir) ?? 0) + member.own + member.reaped);
  }
  return counted;
}

function nearestLivingAncestor(member: Member, before: Members, after: Members): number | null {
  let ancestor = before.get(member.ppid);
  // What was read while processes came and went may hold a circle.
  for (let steps = 0; ancestor !== undefined && steps < before.size; steps += 1) {
    if (isSame(after.get(ancestor.pid), ancestor)) return ancestor.pid;
    ancestor = before.get(ancestor.ppid);
  }
  return null;
}
