import type { SidecarCommand, SidecarEmitted, SidecarEvent } from '../../machines/sidecar.types.js';
import type { ResolvedSidecarConfig } from '../config/schema.js';
import { watchSources } from './source-watcher.js';

type Command = SidecarCommand['type'];

/** What is said when its sources change. */
export type Answer = Command | 'later' | 'nothing';

type Transition = Extract<SidecarEmitted, { type: 'transition' }>;
type Stopped = Extract<SidecarEmitted, { type: 'stopped' }>;

/** The sidecar, as far as it is reloaded. */
export interface Reloaded {
  readonly config: ResolvedSidecarConfig;
  readonly send: (event: SidecarEvent) => void;
  readonly onTransition: (listener: (event: Transition) => void) => void;
  readonly onStopped: (listener: (event: Stopped) => void) => void;
}

/**
 * Tells a sidecar to reload when its sources change, from its first start on.
 *
 * @returns what ends it
 */
export function reloadOnSave({ config, send, onTransition, onStopped }: Reloaded): () => void {
  const { watch, compile } = config;
  if (watch === undefined) return () => {};
  let end: (() => void) | null = null;
  let state: Transition['record']['to'] = 'stopped';
  let reason: Stopped['reason'] | null = null;
  let isOwed = false;

  const answer = () => {
    const said = answerIn(state, reason);
    isOwed = said === 'later';
    if (said !== 'later' && said !== 'nothing') send({ type: said });
  };
  const listener = {
    changed: answer,
    failed: (error: string) => send({ type: 'watch.failed', error }),
  };
  onTransition(({ record }) => {
    state = record.to;
    if (state !== 'stopped') {
      reason = null;
      end ??= watchSources({ watch, compile }, listener);
    }
    // Why it is stopped is told next.
    if (isOwed && state !== 'stopped') answer();
  });
  onStopped((event) => {
    reason = event.reason;
    if (isOwed) answer();
    if (isMendedBySaving(reason)) return;
    end?.();
    end = null;
  });
  return () => end?.();
}

/** While a process is on its way up it is waited for: what does not compile must not cost it. */
export function answerIn(state: Transition['record']['to'], reason: Stopped['reason'] | null): Answer {
  switch (state) {
    case 'compiling':
    case 'running':
    case 'degraded':
    case 'restarting.recompiling':
    case 'restarting.backingOff':
      return 'RELOAD';
    case 'spawning':
    case 'waitingHealthy':
    case 'restarting.terminating':
    case 'restarting.killing':
    case 'restarting.deciding':
      return 'later';
    case 'stopping.terminating':
    case 'stopping.killing':
      // Told to end. Whatever starts it again compiles.
      return 'nothing';
    case 'stopped':
      return reason !== null && isMendedBySaving(reason) ? 'START' : 'nothing';
  }
}

function isMendedBySaving(reason: Stopped['reason']): boolean {
  switch (reason) {
    case 'compile-failed':
    case 'spawn-failed':
    case 'restarts-exhausted':
    case 'exited':
    case 'auto-restart-disabled':
      return true;
    case 'requested':
    case 'lazy':
    case 'idle':
    case 'unkillable':
    case 'taken':
      return false;
  }
}
