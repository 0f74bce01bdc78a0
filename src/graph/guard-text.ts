import { and, not, or } from 'xstate';

/** What a guard without a name of its own is called. */
export const UNNAMED_GUARD = '?';

/** A guard as people read it: its name, `a and not b` for a combination, `?` for a function without a name. */
export function guardText(guard: unknown): string | null {
  return guard === undefined ? null : textOf(guard);
}

function textOf(guard: unknown): string {
  if (typeof guard === 'string') return guard;
  if (!isObjectLike(guard)) return UNNAMED_GUARD;
  if ('guards' in guard && Array.isArray(guard.guards) && 'check' in guard) {
    const operands = guard.guards.map(operandText);
    if (guard.check === notCheck) return `not ${operands.join()}`;
    if (guard.check === orCheck) return operands.join(' or ');
    if (guard.check === andCheck) return operands.join(' and ');
  }
  if ('stateValue' in guard) return `in ${JSON.stringify(guard.stateValue)}`;
  if ('type' in guard && typeof guard.type === 'string') return guard.type;
  // A function written on the spot takes the name of its key.
  if ('name' in guard && typeof guard.name === 'string' && !/^(guard)?$/.test(guard.name)) return guard.name;
  return UNNAMED_GUARD;
}

function operandText(guard: unknown): string {
  const text = textOf(guard);
  return / (and|or) /.test(text) ? `(${text})` : text;
}

function isObjectLike(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

// XState keeps the kind of a combination only as the function that checks it, and minification may rename that.
const andCheck = checkOf(and(['any', 'any']));
const orCheck = checkOf(or(['any', 'any']));
const notCheck = checkOf(not('any'));

function checkOf(combination: object): unknown {
  return 'check' in combination ? combination.check : undefined;
}
