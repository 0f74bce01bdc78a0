import type { ShownDelay, ShownTransition } from '../../../../src/inspect/messages.js';
import { clock } from '../time/clock.js';

/** The timer that runs now in the state that was entered last; null once it has run out, and in the past. */
export function runningDelay(last: ShownTransition | null, isLive: boolean): ShownDelay | null {
  if (!isLive || last === null) return null;
  return last.delay !== null && last.delay.endsAt > clock.value ? last.delay : null;
}
