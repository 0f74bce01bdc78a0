import type { Subscription } from 'xstate';
import type { SidecarEmitted } from '../machines/sidecar.types.js';

/** What an event means for somebody who waits: go on waiting, done, or failed with this error. */
export type Verdict<Event = SidecarEmitted> = (event: Event) => 'wait' | 'done' | Error;

/** An actor, as far as somebody who waits sees it. */
interface Announcing<Event> {
  on(type: '*', listener: (event: Event) => void): Subscription;
  subscribe(observer: { error: (error: unknown) => void; complete: () => void }): Subscription;
}

/** Longer than any wait; Node.js' longest timer, in milliseconds. */
const LONGEST_TIMER = 2_147_483_647;

/**
 * Does something and waits for the event that settles it. While it waits, the host does not exit.
 *
 * @param givenUp the error when the actor is stopped meanwhile
 */
export function settledBy<Event>(
  actor: Announcing<Event>,
  act: () => void,
  verdict: Verdict<Event>,
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
