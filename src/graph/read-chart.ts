import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { actionText } from './action-text.js';
import type { Chart, ChartState, ChartTransition, Trigger } from './chart.js';
import { guardText } from './guard-text.js';

/** Reads the definition of a machine. Nothing is started and no guard is evaluated. */
export function readChart(machine: AnyStateMachine): Chart {
  const nodes = withDescendants(machine.root);
  return {
    id: machine.id,
    states: nodes.map(readState),
    transitions: nodes.flatMap(readTransitions),
  };
}

function withDescendants(node: AnyStateNode): AnyStateNode[] {
  return [node, ...childNodes(node).flatMap(withDescendants)];
}

function childNodes(node: AnyStateNode): AnyStateNode[] {
  return Object.values(node.states);
}

function readState(node: AnyStateNode): ChartState {
  return {
    name: nameOf(node),
    key: node.key,
    parent: node.parent === undefined ? null : nameOf(node.parent),
    type: node.type,
    initial: initialOf(node),
    invokes: node.invoke.map(({ id, src }) => (typeof src === 'string' ? actorName(id, src) : id)),
  };
}

function initialOf(node: AnyStateNode): string | null {
  if (node.type !== 'compound') return null;
  const [target] = node.initial.target;
  return target === undefined ? null : nameOf(target);
}

function nameOf(node: AnyStateNode): string {
  return node.path.join('.');
}

function readTransitions(node: AnyStateNode): ChartTransition[] {
  const triggers = new Map(node.after.map(({ eventType, delay }) => [eventType, delayTrigger(delay)]));
  const triggered = [...node.transitions].flatMap(([event, candidates]) =>
    candidates.map((each) => readTransition(each, triggers.get(event) ?? readTrigger(node, event))),
  );
  const immediate = (node.always ?? []).map((each) => readTransition(each, { type: 'immediate' }));
  return [...immediate, ...triggered];
}

function readTransition(transition: AnyTransitionDefinition, trigger: Trigger): ChartTransition {
  return {
    source: nameOf(transition.source),
    trigger,
    guard: guardText(transition.guard),
    targets: (transition.target ?? []).map(nameOf),
    reenter: transition.reenter,
    actions: transition.actions.map(actionText),
  };
}

function delayTrigger(delay: unknown): Trigger {
  return { type: 'delay', delay: typeof delay === 'number' ? delay : String(delay) };
}

const actorEvent = /^xstate\.(done\.actor|error\.actor|snapshot)\.(.+)$/;

function readTrigger(node: AnyStateNode, event: string): Trigger {
  if (event.startsWith('xstate.done.state.')) return { type: 'done' };
  const [, kind, id] = actorEvent.exec(event) ?? [];
  if (kind === undefined || id === undefined) return { type: 'event', event };
  const outcome = kind === 'done.actor' ? 'done' : kind === 'error.actor' ? 'error' : 'snapshot';
  const source: unknown = node.invoke.find((invoke) => invoke.id === id)?.src;
  return { type: 'actor', outcome, actor: typeof source === 'string' ? actorName(id, source) : id };
}

/** An id that XState made up says less than the source's name, unless that was made up as well. */
function actorName(id: string, source: string): string {
  const isMadeUp = /^\d+\./.test(id);
  if (!isMadeUp) return id;
  return source.startsWith('xstate.invoke.') ? 'actor' : source;
}
