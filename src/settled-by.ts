import type { Actor } from 'xstate';
import type { SidecarEmitted } from '../machines/sidecar.types.js';
import type { sidecarMachine } from './sidecar-machine.js';

/** What an event means for somebody who waits: go on waiting, done, or failed with this error. */
export type Verdict = (event: SidecarEmitted) => 'wait' | 'done' | Error;

/** Longer than any wait; Node.js' longest timer, in milliseconds. */
const LONGEST_TIMER = 2_147_483_647;

/**
 * Does something and waits for the event that settles it. While it waits, the host does not exit.
 *
 * @param givenUp the error when the actor is stopped meanwhile
 */
export function settledBy(
  actor: Actor<typeof sidecarMachine>,
  act: () => void,
  verdict: Verdict,
  givenUp: () => Error,
): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const keepAlive = setInterval(() => {}, LONGEST_TIMER);
    const finish = (error?: unknown) => {
      clearInterval(keepAlive);
      subscription.unsubscribe();
      end.unsubscribe();
      if (error === undefined) resolve();
      else reject(error);
    };
    const subscription = actor.on('*', (event) => {
      const settled = verdict(event);
      if (settled === 'done') finish();
      else if (settled !== 'wait') finish(settled);
    });
    const end = actor.subscribe({ error: finish, complete: () => finish(givenUp()) });
    act();
  });
}
