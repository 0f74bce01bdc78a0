/** The names of the states that have no children and are active, of a state's value: `restarting.backingOff`. */
export function leavesOf(value: unknown, parent = ''): readonly string[] {
  const nameOf = (key: string) => (parent === '' ? key : `${parent}.${key}`);
  if (typeof value === 'string') return [nameOf(value)];
  if (typeof value !== 'object' || value === null) return parent === '' ? [] : [parent];
  const children = Object.entries(value);
  if (children.length === 0) return parent === '' ? [] : [parent];
  return children.flatMap(([key, child]) => leavesOf(child, nameOf(key)));
}
