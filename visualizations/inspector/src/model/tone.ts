/** What a state means to who looks on; each has a colour, and is never told by the colour alone. */
export type Tone = 'good' | 'warn' | 'busy' | 'start' | 'ending' | 'idle' | 'bad';

const TONES: Readonly<Record<string, Tone>> = {
  running: 'good',
  degraded: 'warn',
  restarting: 'busy',
  compiling: 'start',
  spawning: 'start',
  waitingHealthy: 'start',
  stopping: 'ending',
};

const AS_WANTED = new Set(['requested', 'lazy', 'idle', 'taken']);

/** @param reason why it is stopped, if it is */
export function toneOf(state: string, reason: string | null = null): Tone {
  const [top = ''] = state.split('.');
  if (top !== 'stopped') return TONES[top] ?? 'start';
  return reason === null || AS_WANTED.has(reason) ? 'idle' : 'bad';
}
