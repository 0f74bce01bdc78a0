/** An action as people read it: its name, `raise STOP` for an event raised on the spot, `inline` without a name. */
export function actionText(action: unknown): string {
  if (typeof action === 'string') return action;
  if (!isObjectLike(action)) return 'inline';
  const type = 'type' in action && typeof action.type === 'string' ? action.type : '';
  if (!type.startsWith('xstate.')) return type === '' ? nameOf(action) : type;
  const builtIn = type.slice('xstate.'.length);
  if (!('event' in action)) return builtIn;
  const { event } = action;
  return isObjectLike(event) && 'type' in event ? `${builtIn} ${String(event.type)}` : builtIn;
}

function nameOf(action: object): string {
  // A function written on the spot takes the name of its key.
  return 'name' in action && typeof action.name === 'string' && !/^(actions)?$/.test(action.name)
    ? action.name
    : 'inline';
}

function isObjectLike(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
