import type { Chart, ChartState, ChartTransition, Trigger } from '../../../../src/graph/chart.js';

/** What is read of a state of XState 4, whose own type is generic in everything. */
interface V4Node {
  readonly key: string;
  readonly path: readonly string[];
  readonly type: ChartState['type'];
  readonly parent?: { readonly path: readonly string[] } | undefined;
  readonly initial?: unknown;
  readonly invoke: readonly { readonly id: string }[];
  readonly states: Readonly<Record<string, V4Node>>;
  readonly after: readonly { readonly eventType: unknown; readonly delay: unknown }[];
  readonly transitions: readonly V4Transition[];
}

interface V4Transition {
  readonly eventType: unknown;
  readonly cond?: { readonly type: string; readonly name?: string | undefined } | undefined;
  readonly target: readonly { readonly path: readonly string[] }[] | undefined;
  readonly internal?: boolean | undefined;
  readonly actions: readonly { readonly type: string }[];
}

/** The definition of a machine of XState 4 as the package's own data for pictures. */
export function readV4Machine(machine: V4Node): Chart {
  const nodes = withDescendants(machine);
  return { id: machine.key, states: nodes.map(readState), transitions: nodes.flatMap(readTransitions) };
}

function withDescendants(node: V4Node): V4Node[] {
  return [node, ...Object.values(node.states).flatMap(withDescendants)];
}

function readState(node: V4Node): ChartState {
  const name = nameOf(node);
  const { initial } = node;
  return {
    name,
    key: node.key,
    parent: node.parent === undefined ? null : nameOf(node.parent),
    type: node.type,
    initial: node.type !== 'compound' || initial === undefined ? null : childName(name, String(initial)),
    invokes: node.invoke.map(({ id }) => id),
  };
}

function nameOf({ path }: { readonly path: readonly string[] }): string {
  return path.join('.');
}

function childName(parent: string, key: string): string {
  return parent === '' ? key : `${parent}.${key}`;
}

function readTransitions(node: V4Node): ChartTransition[] {
  const delays = new Map(node.after.map(({ eventType, delay }) => [String(eventType), delay]));
  return node.transitions.map((transition) => readTransition(node, transition, delays));
}

function readTransition(
  node: V4Node,
  { eventType, cond, target, internal, actions }: V4Transition,
  delays: ReadonlyMap<string, unknown>,
): ChartTransition {
  const event = String(eventType);
  return {
    source: nameOf(node),
    trigger: delays.has(event) ? delayTrigger(delays.get(event)) : readTrigger(event),
    guard: cond === undefined ? null : (cond.name ?? cond.type),
    targets: (target ?? []).map(nameOf),
    reenter: internal === false,
    actions: actions.map(({ type }) => type),
  };
}

function delayTrigger(delay: unknown): Trigger {
  return { type: 'delay', delay: typeof delay === 'number' ? delay : String(delay) };
}

const actorEvent = /^(done\.invoke|error\.platform)\.(.+)$/;

function readTrigger(event: string): Trigger {
  if (event === '') return { type: 'immediate' };
  if (event.startsWith('done.state.')) return { type: 'done' };
  const [, kind, actor] = actorEvent.exec(event) ?? [];
  if (actor === undefined) return { type: 'event', event };
  return { type: 'actor', outcome: kind === 'done.invoke' ? 'done' : 'error', actor };
}
