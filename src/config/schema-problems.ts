import * as z from 'zod';
import type { ConfigProblem } from './config-error.js';
import { isRecord } from './is-record.js';
import { nearestName } from './suggestion.js';

type Issue = z.core.$ZodIssue;

/**
 * Says what the schema found wrong in a way that helps a person. At least one problem comes out of each issue.
 *
 * @param issues with the inputs that they are about (zod's `reportInput`)
 * @param config what was validated
 * @param schema what it was validated by
 */
export function describeIssues(
  issues: readonly Issue[],
  config: unknown,
  schema: z.ZodType,
): ConfigProblem[] {
  return issues.flatMap((issue) => {
    const problems = describeIssue(issue, config, schema);
    if (problems.length > 0) return problems;
    return [{ path: formatPath(issue.path), message: lowerFirst(issue.message) }];
  });
}

function describeIssue(issue: Issue, config: unknown, schema: z.ZodType): ConfigProblem[] {
  const path = formatPath(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = Object.keys(shapeOf(schemaAt(issue.path, config, schema)));
      return issue.keys.map((key) => ({
        path: formatPath([...issue.path, key]),
        message: `is not a known key${suggestKey(key, known)}`,
      }));
    }
    case 'invalid_key':
      return issue.issues.map((inner) => ({ path, message: lowerFirst(inner.message) }));
    case 'invalid_value':
      return [{ path, message: oneOf(issue.values, issue.input) }];
    case 'invalid_union':
      return describeUnion(issue, config, schema);
    case 'invalid_type':
      if (issue.input === undefined) return [{ path, message: required(issue.path, config, schema) }];
      if (path === 'process.command') return [{ path, message: 'must name the program to run' }];
  }
  return [{ path, message: lowerFirst(issue.message) }];
}

function describeUnion(
  issue: z.core.$ZodIssueInvalidUnion,
  config: unknown,
  schema: z.ZodType,
): ConfigProblem[] {
  const path = formatPath(issue.path);
  const { discriminator, input } = issue;
  if (discriminator !== undefined && 'options' in issue) {
    const given = isRecord(input) ? input[discriminator] : undefined;
    return [{ path, message: oneOf(issue.options ?? [], given) }];
  }
  // The branch that got further says more: a wrong value inside beats "not even the right type".
  const branch = issue.errors.find((errors) => errors.some((inner) => inner.path.length > 0));
  if (branch !== undefined) {
    const inside = branch.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
    return describeIssues(inside, config, schema);
  }
  const message = input === undefined ? required(issue.path, config, schema) : lowerFirst(issue.message);
  return [{ path, message }];
}

/** What is missing, in the words of its description. */
function required(path: readonly PropertyKey[], config: unknown, root: z.ZodType): string {
  const isOfSidecar = 'process' in shapeOf(root);
  if (isOfSidecar && (path.length === 0 || formatPath(path) === 'process')) return PROCESS_MISSING;
  const schema = schemaAt(path, config, root);
  const description = schema instanceof z.ZodType ? (schema.description ?? '') : '';
  const [sentence = ''] = description.split(/\. |\.$/);
  return sentence === '' ? 'is required' : `is required: ${lowerFirst(sentence)}`;
}

const PROCESS_MISSING = 'is required: give at least process.command, the program to run';

/** The values that are known, and the one that was meant. */
function oneOf(values: readonly unknown[], given: unknown): string {
  const known = values.filter((value) => typeof value === 'string');
  const quoted = known.map((value) => `"${value}"`).join(', ');
  if (given === undefined) return `is required: one of ${quoted}`;
  const nearest = typeof given === 'string' ? nearestName(given, known) : null;
  return `must be one of ${quoted}${nearest === null ? '' : `; did you mean "${nearest}"?`}`;
}

function suggestKey(key: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const nearest = nearestName(key, known);
  return nearest === null ? `; known are ${known.join(', ')}` : `; did you mean "${nearest}"?`;
}

/** The schema of one place. What it is in a union depends on what is there. */
function schemaAt(path: readonly PropertyKey[], config: unknown, root: z.ZodType): unknown {
  let schema: unknown = memberFor(root, config);
  let value = config;
  for (const key of path) {
    value = isRecord(value) || Array.isArray(value) ? Reflect.get(value, key) : undefined;
    const inner = schema instanceof z.ZodArray ? schema.element : shapeOf(schema)[key];
    schema = memberFor(inner, value);
  }
  return schema;
}

/** The member of a discriminated union that a value is meant to be; without its wrapping, such as `optional()`. */
function memberFor(schema: unknown, value: unknown): unknown {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return memberFor(schema.unwrap(), value);
  }
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return schema;
  const { discriminator } = schema.def;
  const given = isRecord(value) ? value[discriminator] : undefined;
  return schema.options.find((option) => accepts(shapeOf(option)[discriminator], given));
}

function accepts(schema: unknown, value: unknown): boolean {
  return schema instanceof z.ZodType && schema.safeParse(value).success;
}

function shapeOf(schema: unknown): Readonly<Record<PropertyKey, unknown>> {
  return schema instanceof z.ZodObject ? schema.shape : {};
}

/** As in `process.args[0]`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}

/** As the end of a sentence; an abbreviation, such as "JSON", stays as it is. */
function lowerFirst(message: string): string {
  return /^[A-Z][^A-Z]/.test(message) ? message.charAt(0).toLowerCase() + message.slice(1) : message;
}
