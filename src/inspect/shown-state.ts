import type { SidecarContext } from '../../machines/sidecar.types.js';
import { eventAsV4 } from './chart-as-v4.js';
import { type Shown, shownConfig, shownContext } from './shown-context.js';

/** An event as XState 4 wraps it. */
interface V4Event {
  readonly name: string;
  readonly data: Shown & { readonly type: string };
  readonly $$type: 'scxml';
  readonly type: 'external';
}

/** An event as `@xstate/inspect` tells of it: JSON. */
export function eventJson(data: Shown & { readonly type: string }): string {
  return JSON.stringify(wrapped(data));
}

/**
 * A state as `@xstate/inspect` tells of it: JSON.
 *
 * @param context null before the sidecar has ever begun: its machine is past its first state then, though nothing has
 *   happened
 */
export function stateJson(
  value: unknown,
  context: SidecarContext | null,
  event: string,
  { withConfig = false } = {},
): string {
  return JSON.stringify({
    value,
    context: context && {
      ...shownContext(context),
      ...(withConfig ? { config: shownConfig(context.config) } : {}),
    },
    _event: wrapped({ type: event }),
    event: { type: eventAsV4(event) },
    configuration: [],
    transitions: [],
    children: {},
    tags: [],
    actions: [],
    done: false,
    changed: true,
  });
}

function wrapped(data: Shown & { readonly type: string }): V4Event {
  const type = eventAsV4(data.type);
  return { name: type, data: { ...data, type }, $$type: 'scxml', type: 'external' };
}
