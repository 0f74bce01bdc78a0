import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { actionText } from '../graph/action-text.js';
import { guardText } from '../graph/guard-text.js';

/** A transition as XState 4 writes it. */
interface V4Transition {
  /** As `#id`; none for actions only. */
  readonly target?: readonly string[];
  /** Guards by name, combinations in words. They are not evaluated by those who look on. */
  readonly cond?: string;
  readonly actions: readonly { readonly type: string }[];
  readonly internal: boolean;
}

/** A state as XState 4 writes it. */
interface V4State {
  readonly id: string;
  readonly key: string;
  readonly type: AnyStateNode['type'];
  readonly initial?: string;
  readonly history?: 'shallow' | 'deep';
  readonly target?: string;
  readonly states: Readonly<Record<string, V4State>>;
  readonly entry: readonly { readonly type: string }[];
  readonly exit: readonly { readonly type: string }[];
  readonly invoke: readonly { readonly id: string; readonly src: string }[];
  readonly on: Readonly<Record<string, readonly V4Transition[]>>;
  readonly after: Readonly<Record<string, readonly V4Transition[]>>;
  readonly always?: readonly V4Transition[];
  readonly onDone?: readonly V4Transition[];
  readonly tags: readonly string[];
  readonly description?: string;
}

/** A machine as the `createMachine` of XState 4 takes it. It is JSON. */
export interface V4Machine extends V4State {
  readonly predictableActionArguments: true;
}

/**
 * The definition of a machine as XState 4 has it, which is what `@xstate/inspect` speaks. Guards, actions and actors are
 * names: it is to be looked at, not run.
 */
export function chartAsV4(machine: AnyStateMachine): V4Machine {
  return { ...stateAsV4(machine.root), predictableActionArguments: true };
}

const texts = new WeakMap<AnyStateMachine, string>();

/** The same as JSON, made once for all sidecars. */
export function machineJson(machine: AnyStateMachine): string {
  const known = texts.get(machine);
  if (known !== undefined) return known;
  const text = JSON.stringify(chartAsV4(machine));
  texts.set(machine, text);
  return text;
}

function stateAsV4(node: AnyStateNode): V4State {
  const { id, key, type, description, always = [] } = node;
  return {
    id,
    key,
    type,
    ...initialOf(node),
    ...historyOf(node),
    states: Object.fromEntries(Object.values(node.states).map((child) => [child.key, stateAsV4(child)])),
    entry: actionsAsV4(node.entry),
    exit: actionsAsV4(node.exit),
    invoke: node.invoke.map((invoked) => ({ id: invoked.id, src: sourceOf(invoked) })),
    ...transitionsAsV4(node),
    after: delaysAsV4(node),
    ...(always.length === 0 ? {} : { always: always.map(transitionAsV4) }),
    tags: node.tags,
    ...(description === undefined ? {} : { description }),
  };
}

function initialOf(node: AnyStateNode): Pick<V4State, 'initial'> {
  if (node.type !== 'compound') return {};
  const [target] = node.initial.target;
  return target === undefined ? {} : { initial: target.key };
}

function historyOf(node: AnyStateNode): Pick<V4State, 'history' | 'target'> {
  if (node.history === false) return {};
  const { target }: { readonly target?: unknown } = node.config;
  return {
    history: node.history === 'deep' ? 'deep' : 'shallow',
    ...(typeof target === 'string' ? { target } : {}),
  };
}

/** What is invoked without a name gets one from XState. */
function sourceOf({ id, src }: AnyStateNode['invoke'][number]): string {
  return typeof src === 'string' ? src : id;
}

const childEvent = /^xstate\.(done|error)\.actor\.(.+)$/;

/** Without those of timers, which are told by their delays. */
function transitionsAsV4(node: AnyStateNode): Pick<V4State, 'on' | 'onDone'> {
  const timers = new Set(node.after.map(({ eventType }) => eventType));
  const on: Record<string, readonly V4Transition[]> = {};
  let done: Pick<V4State, 'onDone'> = {};
  for (const [event, candidates] of node.transitions) {
    if (timers.has(event)) continue;
    const transitions = candidates.map(transitionAsV4);
    if (event === `xstate.done.state.${node.id}`) done = { onDone: transitions };
    else on[eventAsV4(event)] = transitions;
  }
  return { on, ...done };
}

/** Those of children were called otherwise. */
export function eventAsV4(event: string): string {
  const [, outcome, child] = childEvent.exec(event) ?? [];
  if (outcome === undefined) return event;
  return outcome === 'done' ? `done.invoke.${child}` : `error.platform.${child}`;
}

function delaysAsV4(node: AnyStateNode): V4State['after'] {
  const after: Record<string, V4Transition[]> = {};
  for (const timer of node.after) {
    const delay = String(timer.delay);
    after[delay] = [...(after[delay] ?? []), transitionAsV4(timer)];
  }
  return after;
}

function transitionAsV4({ target, guard, actions, reenter }: AnyTransitionDefinition): V4Transition {
  const cond = guardText(guard);
  return {
    ...(target === undefined ? {} : { target: target.map(({ id }) => `#${id}`) }),
    ...(cond === null ? {} : { cond }),
    actions: actionsAsV4(actions),
    internal: !reenter,
  };
}

/** Without those that set and cancel timers: XState 4 makes its own. */
function actionsAsV4(actions: readonly unknown[]): readonly { readonly type: string }[] {
  return actions
    .map(actionText)
    .filter((text) => !/^(raise xstate\.after\.|cancel)/.test(text))
    .map((type) => ({ type }));
}
