import type { TransitionCause, TransitionRecord } from '../../machines/transition-record.js';

/** Why a sidecar was restarted; a label, so there are only these. */
export const restartCauses = [
  'crash',
  'unhealthy',
  'limit',
  'startup-timeout',
  'spawn-failed',
  'restart-command',
  'reload-command',
  'other',
] as const;

export type RestartCause = (typeof restartCauses)[number];

/** The cause of an automatic restart. */
export function automaticCause({ type }: TransitionCause): RestartCause {
  switch (type) {
    case 'exited':
      return 'crash';
    case 'unhealthy':
    case 'limit':
    case 'spawn-failed':
      return type;
    case 'timeout':
      return 'startup-timeout';
    default:
      return 'other';
  }
}

/** The restart that a person asked for with this transition; null when nobody did. */
export function commandedCause({ from, to, cause }: TransitionRecord): RestartCause | null {
  const isUp = from !== null && from !== 'stopped' && !from.startsWith('stopping');
  if (cause.type === 'command' && cause.command === 'RESTART') return isUp ? 'restart-command' : null;
  // What is reloaded is replaced only once it is compiled; while it was still starting, at once.
  const isReplaced = to === 'restarting.terminating' && cause.type !== 'compile-failed';
  if (from === 'restarting.recompiling') return isReplaced ? 'reload-command' : null;
  const isReload = cause.type === 'command' && cause.command === 'RELOAD';
  return isReload && isUp && to !== 'restarting.recompiling' ? 'reload-command' : null;
}
