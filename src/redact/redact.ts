import { escapeRegExp, isSecretName } from './secret-names.js';

/** What stands where a secret was. */
export const REDACTED = '[redacted]';

/** What is secret besides what its name or form tells. */
export interface Secrets {
  /** Further names, in which `*` stands for any text. */
  readonly names: readonly string[];
  /** Secrets themselves, wherever they are found. */
  readonly values: readonly string[];
}

const none: Secrets = { names: [], values: [] };

/** Fields deeper than this are dropped: a line of JSON may nest a thousand times. */
const MAX_DEPTH = 8;

/** The user and the password of a URL. */
const USERINFO = /:\/\/[^\s/?#"'<>]*@/g;

/** A name and what comes between it and its value: `name=`, `name: `, `"name":`, `--name `. */
const NAMED = /(?<![\w.-])(?:(--[\w.-]{1,62})[\s=]\s?|([\w.-]{1,64})["']?\s?[=:]\s?)/g;

/** A value, quoted or not, with the scheme that an Authorization header has before it. */
const VALUE =
  /"(?:[^"\\]|\\.)*"|'[^']*'|(?:(?:Bearer|Basic|Digest|Token)\s+)?(?!\[redacted\]|[[{])[^\s&,;"']+/iy;

/** A credential as an HTTP header has it, wherever it stands. */
const CREDENTIAL = /\b(Bearer|Basic)\s+[\w+/=.~-]{8,}/gi;

/**
 * A text without its secrets: known values, credentials in URLs and headers, and what is behind a name that says so
 * (`--token=…`, `--password …`, `API_KEY=…`, `"secret":"…"`). Pure; linear in the length of the text.
 */
export function redactText(text: string, { names, values }: Secrets = none): string {
  const masked = maskValues(text, values).replaceAll(USERINFO, `://${REDACTED}@`);
  return maskNamed(masked, names).replaceAll(CREDENTIAL, `$1 ${REDACTED}`);
}

/** A command line without its secrets; also the argument after one that is called like a secret. */
export function redactArguments(args: readonly string[], secrets: Secrets = none): string[] {
  return args.map((arg, index) =>
    namesNext(args[index - 1], secrets) && !arg.startsWith('-') ? REDACTED : redactText(arg, secrets),
  );
}

/** What JSON holds, without its secrets. Numbers are none: `max_tokens` is a count. */
export function redactFields(value: unknown, secrets: Secrets = none, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value, secrets);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[too deep]';
  if (Array.isArray(value)) return value.map((each) => redactFields(each, secrets, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => {
      const isSecret = typeof field === 'string' && isSecretName(name, secrets.names);
      return [name, isSecret ? REDACTED : redactFields(field, secrets, depth + 1)];
    }),
  );
}

/** Environment variables without their secrets. */
export function redactEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  secrets: Secrets = none,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined
        ? []
        : [[name, isSecretName(name, secrets.names) ? REDACTED : redactText(value, secrets)]],
    ),
  );
}

/** Whether an argument, such as `--password`, is followed by its value. */
export function namesNext(arg: string | undefined, { names }: Secrets): boolean {
  return arg !== undefined && /^--?[A-Za-z][\w.-]*$/.test(arg) && isSecretName(arg, names);
}

/** The values that an argument list shows behind secret names. */
export function secretArguments(args: readonly string[], secrets: Secrets = none): string[] {
  return args.flatMap((arg, index) => {
    if (namesNext(args[index - 1], secrets) && !arg.startsWith('-')) return [arg];
    const [, name, value] = /^-{0,2}([\w.-]+)=(.+)$/s.exec(arg) ?? [];
    if (name !== undefined && value !== undefined && isSecretName(name, secrets.names)) return [value];
    return passwordsIn(arg);
  });
}

/** The values that are secret by the name of their variable, and the passwords of URLs in all others. */
export function secretVariables(
  environment: Readonly<Record<string, string | undefined>>,
  secrets: Secrets = none,
): string[] {
  return Object.entries(environment).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return isSecretName(name, secrets.names) ? [value] : passwordsIn(value);
  });
}

function passwordsIn(text: string): string[] {
  if (!text.includes('://')) return [];
  return [...text.matchAll(/:\/\/[^\s/?#:@]*:([^\s/?#]*)@/g)].map(([, password = '']) => password);
}

function maskValues(text: string, values: readonly string[]): string {
  if (values.length === 0 || !values.some((value) => text.includes(value))) return text;
  // The longest first: one may be the beginning of another.
  const longestFirst = values.toSorted((left, right) => right.length - left.length);
  return text.replaceAll(new RegExp(longestFirst.map(escapeRegExp).join('|'), 'g'), REDACTED);
}

/** Only a secret name takes its value along: `url=http://host?token=…` has a name within a value. */
function maskNamed(text: string, names: readonly string[]): string {
  let masked = '';
  let done = 0;
  for (const { 0: found, 1: option, 2: name = option, index } of text.matchAll(NAMED)) {
    if (index < done || name === undefined || !isSecretName(name, names)) continue;
    const begin = index + found.length;
    VALUE.lastIndex = begin;
    const [value] = VALUE.exec(text) ?? [];
    if (value === undefined) continue;
    masked += text.slice(done, begin) + REDACTED;
    done = begin + value.length;
  }
  return masked + text.slice(done);
}
