import type { SingleCheckConfig } from '../config/check-schema.js';
import type { CheckedProcess, InstantCheck } from './check.js';

/** Passes once `READY=1` came, and while `WATCHDOG=1` comes often enough, as for systemd's services of type notify. */
export function createNotifyCheck(
  { watchdog }: Extract<SingleCheckConfig, { type: 'notify' }>,
  { notices }: CheckedProcess,
): InstantCheck {
  return {
    name: 'READY=1 on NOTIFY_FD',
    look() {
      const { isReady, silence } = notices;
      if (!isReady) throw new Error('it has not sent READY=1 yet');
      if (watchdog === undefined || silence === null || silence <= watchdog) return;
      throw new Error(
        `it has not sent WATCHDOG=1 for ${Math.round(silence)} ms, and should every ${watchdog}`,
      );
    },
    watch: (changed) => notices.watch(changed),
    close() {},
  };
}
