import type { FleetMember, MemberDependency } from '../src/config/resolve-fleet.js';
import type { FleetContext, MemberCommand, MemberPhase, Rollout } from './fleet.types.js';
import { memberOf, phaseOf, stateOfMember } from './fleet-members.js';

type Standing = Pick<FleetContext, 'config' | 'members' | 'rollout'>;

/** What can be done now: the commands, and how the fleet stands once they were given. */
export interface Steps {
  readonly commands: readonly MemberCommand[];
  readonly members: FleetContext['members'];
  readonly rollout: Rollout | null;
}

/** Everything that nothing has to be waited for any more. */
export function nextSteps(standing: Standing): Steps {
  if (isSettled(standing)) return { commands: [], members: standing.members, rollout: null };
  const plan = new Plan(standing);
  plan.stopThoseThatMay();
  plan.startThoseThatMay();
  plan.rollOn();
  return plan.steps;
}

/** Nobody waits for anything: so it is after nearly everything that happens in a large fleet. */
function isSettled({ members, rollout }: Standing): boolean {
  if (rollout !== null) return false;
  return Object.values(members).every(({ phase }) => phase !== 'ending' && phase !== 'waiting');
}

class Plan {
  readonly #standing: Standing;
  readonly #commands: MemberCommand[] = [];
  /** Kept apart until the end: a fleet may have hundreds, of which most change at once or not at all. */
  readonly #entered = new Map<string, MemberPhase>();
  #rollout: Rollout | null;

  constructor(standing: Standing) {
    this.#standing = standing;
    this.#rollout = standing.rollout;
  }

  get steps(): Steps {
    const { members } = this.#standing;
    const changed = [...this.#entered].map(([name, phase]) => [
      name,
      { ...stateOfMember(members, name), phase },
    ]);
    return {
      commands: this.#commands,
      members: changed.length === 0 ? members : { ...members, ...Object.fromEntries(changed) },
      rollout: this.#rollout,
    };
  }

  /**
   * In reverse: each once all that depends on it and is to be stopped is down, be it by way of others that are down
   * already. What stays up stays while the other is replaced.
   */
  stopThoseThatMay(): void {
    const needed = new Set<string>();
    // What depends on something comes after it.
    for (const { name, dependsOn } of this.#standing.config.members.toReversed()) {
      const isNeeded = needed.has(name);
      if (isNeeded || isEnding(this.#phase(name))) {
        for (const each of dependsOn.filter(isForOrder)) needed.add(each.name);
      }
      if (isNeeded || this.#phase(name) !== 'ending') continue;
      this.#enter(name, 'stopping');
      this.#commands.push({ type: 'member.stop', name });
    }
  }

  /** As OTP does: only once all that is to be stopped is. */
  startThoseThatMay(): void {
    const { members } = this.#standing.config;
    if (members.some(({ name }) => isEnding(this.#phase(name)))) return;
    for (const { name, dependsOn } of members) {
      if (this.#phase(name) !== 'waiting' || stateOfMember(this.#standing.members, name).isBackingOff)
        continue;
      if (!dependsOn.every((each) => this.#isThere(each))) continue;
      this.#enter(name, 'starting');
      this.#commands.push({ type: 'member.start', name });
    }
  }

  /** As many at once as may be missing. */
  rollOn(): void {
    for (const name of this.#rollout?.queue ?? []) {
      if (this.#phase(name) === 'down') this.#leaveQueue(name);
      else if (this.#mayBeTaken(name)) {
        this.#leaveQueue(name);
        this.#enter(name, 'draining');
        this.#commands.push({ type: 'member.drain', name });
      }
    }
    if (this.#rollout !== null)
      this.#rollout = { ...this.#rollout, isStalled: this.#isStalled(this.#rollout) };
  }

  /** Some have yet to be replaced, and too few others serve, though nobody is on the way up. */
  #isStalled({ sidecar, queue }: Rollout): boolean {
    const instances = this.#standing.config.members.filter((each) => each.sidecar === sidecar);
    const isResting = instances.every(({ name }) => ['up', 'down'].includes(this.#phase(name)));
    return queue.length > 0 && isResting;
  }

  #mayBeTaken(name: string): boolean {
    const rollout = this.#rollout;
    if (rollout === null || this.#phase(name) !== 'up') return false;
    const isCompiled = memberOf(this.#standing, name).dependsOn.every(
      (each) => each.condition !== 'compiled' || !this.#isInRollout(rollout, each.name),
    );
    if (!isCompiled) return false;
    const servingWithoutIt = this.#standing.config.members.filter(
      (each) => each.name !== name && each.sidecar === rollout.sidecar && this.#serves(each),
    );
    return servingWithoutIt.length >= rollout.keepServing;
  }

  #serves({ name }: FleetMember): boolean {
    return this.#phase(name) === 'up' && stateOfMember(this.#standing.members, name).isServing;
  }

  #isInRollout({ queue }: Rollout, name: string): boolean {
    return queue.includes(name) || isBeingReplaced(this.#phase(name));
  }

  #isThere({ name, condition }: MemberDependency): boolean {
    switch (this.#phase(name)) {
      case 'waiting':
      case 'starting':
      case 'ending':
      case 'stopping':
      case 'replacing':
        return false;
      case 'started':
        return condition !== 'healthy';
      // What nobody starts is not waited for.
      case 'down':
      case 'up':
      case 'draining':
      case 'settling':
        return true;
    }
  }

  #leaveQueue(name: string): void {
    const rollout = this.#rollout;
    if (rollout === null) return;
    this.#rollout = { ...rollout, queue: rollout.queue.filter((each) => each !== name) };
  }

  #phase(name: string): MemberPhase {
    return this.#entered.get(name) ?? phaseOf(this.#standing, name);
  }

  #enter(name: string, phase: MemberPhase): void {
    this.#entered.set(name, phase);
  }
}

/** Whether its turn has yet to come, or is not over. */
export function isInRollout({ members, rollout }: Pick<FleetContext, 'members' | 'rollout'>, name: string) {
  if (rollout === null) return false;
  return rollout.queue.includes(name) || isBeingReplaced(phaseOf({ members }, name));
}

export function isBeingReplaced(phase: MemberPhase): boolean {
  return phase === 'draining' || phase === 'replacing' || phase === 'settling';
}

function isEnding(phase: MemberPhase): boolean {
  return phase === 'ending' || phase === 'stopping';
}

/** That the first instance compiles for the others says nothing about the order in which they stop. */
function isForOrder({ condition }: MemberDependency): boolean {
  return condition !== 'compiled';
}
