import type { AnyStateNode } from 'xstate';
import { explainTransition } from '../../machines/explain.js';
import { delayTimes } from '../../machines/sidecar.delays.js';
import type { SidecarContext, SidecarStateName } from '../../machines/sidecar.types.js';
import { delayOf, type TransitionRecord } from '../../machines/transition-record.js';
import type { ResolvedSidecarConfig } from '../config/schema.js';
import { redactorOf } from '../redact/redactor.js';
import type { ShownDelay, ShownTransition } from './messages.js';
import { shownCause, shownDecision } from './shown-cause.js';
import { shownContext, withoutSecrets } from './shown-context.js';

/**
 * A transition as it is shown.
 *
 * @param root of the chart, which says what timer runs where
 * @param after the context after it; null when it is not known any more
 */
export function shownTransition(
  root: AnyStateNode,
  config: ResolvedSidecarConfig,
  record: TransitionRecord,
  after: SidecarContext | null,
): ShownTransition {
  const { sequence, time, from, to, event, generation, pid, cause, decision } = record;
  return {
    sequence,
    time,
    from,
    to,
    event,
    generation,
    pid,
    cause: { ...withoutSecrets(config, shownCause(cause)), type: cause.type },
    decision: decision && withoutSecrets(config, shownDecision(decision) ?? {}),
    explanation: redactorOf(config).text(explainTransition(record)),
    delay: after !== null && isLast(record, after) ? runningDelay(root, record, after) : chosenDelay(record),
    context: after && shownContext(after),
  };
}

/** The timer of the state that a context is in. */
function runningDelay(
  root: AnyStateNode,
  { to, time }: TransitionRecord,
  context: SidecarContext,
): ShownDelay | null {
  const [timer] = stateOf(root, to)?.after ?? [];
  const name = timer === undefined ? null : delayOf(timer.eventType);
  if (name === null) return null;
  const after = delayTimes[name](context);
  return { name, after, endsAt: time + after };
}

/** Of one that lies back only what was written down is known. */
function chosenDelay({ decision, time }: TransitionRecord): ShownDelay | null {
  if (decision?.type !== 'restart') return null;
  return { name: 'backoff', after: decision.delay, endsAt: time + decision.delay };
}

function isLast({ sequence }: TransitionRecord, { history }: SidecarContext): boolean {
  return history.at(-1)?.sequence === sequence;
}

function stateOf(root: AnyStateNode, name: SidecarStateName): AnyStateNode | undefined {
  let node: AnyStateNode | undefined = root;
  for (const key of name.split('.')) node = node?.states[key];
  return node;
}
