import type { Actor } from 'xstate';
import { phaseOf } from '../machines/fleet-members.js';
import type { FleetMachine } from './fleet-machine.js';

/** Whether an instance has its turn in a rollout, and finishes what it has. */
export function isDraining(actor: Actor<FleetMachine>, member: string): boolean {
  return phaseOf(actor.getSnapshot().context, member) === 'draining';
}

/** Resolves once it is not; draining is bounded by `drainTimeout`. Rejects with the reason of the signal. */
export async function whenNotDraining(
  actor: Actor<FleetMachine>,
  member: string,
  signal: AbortSignal,
): Promise<void> {
  if (!isDraining(actor, member) || actor.getSnapshot().status !== 'active') return;
  await new Promise<void>((resolve, reject) => {
    const finish = (settle: () => void) => {
      subscription.unsubscribe();
      signal.removeEventListener('abort', giveUp);
      settle();
    };
    const giveUp = () => finish(() => reject(signal.reason));
    const subscription = actor.subscribe({
      next: () => {
        if (!isDraining(actor, member)) finish(resolve);
      },
      complete: () => finish(resolve),
    });
    signal.addEventListener('abort', giveUp);
  });
}
