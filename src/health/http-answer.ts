import type { SingleCheckConfig } from '../config/check-schema.js';
import { freshPattern } from '../config/pattern.js';

type HttpCheckConfig = Extract<SingleCheckConfig, { type: 'http' }>;
type Fields = NonNullable<HttpCheckConfig['json']>;

/** How much of a body is read, in bytes. */
const MAX_BODY_BYTES = 65_536;

/** How much of what was found is quoted in an error, in characters. */
const MAX_QUOTE_LENGTH = 100;

/** The beginning of a body. */
export interface Body {
  readonly text: string;
  /** There was more of it. */
  readonly isCut: boolean;
}

/** What is wrong with a status: it is not the wanted one, one of those, or any 2xx if none is; null when nothing is. */
export function findStatusProblem(status: number, wanted: HttpCheckConfig['status']): string | null {
  if (wanted === undefined) {
    return status >= 200 && status < 300 ? null : `it answered with status ${status}`;
  }
  const passing = [wanted].flat();
  return passing.includes(status) ? null : `it answered with status ${status}, not ${passing.join(' or ')}`;
}

/** Reads the first 64 KiB; what comes after is cut off. */
export async function readBody(body: AsyncIterable<Buffer>): Promise<Body> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_BODY_BYTES) break;
  }
  const text = Buffer.concat(chunks).toString('utf8', 0, MAX_BODY_BYTES);
  return { text, isCut: length > MAX_BODY_BYTES };
}

/** @throws {Error} that quotes the body, unless it matches. */
export function requireMatch({ text }: Body, pattern: string | RegExp): void {
  const fresh = freshPattern(pattern);
  if (!fresh.test(text)) throw new Error(`its body does not match ${fresh}: ${quote(text)}`);
}

/** @throws {Error} that names each path with what was found there, unless all have the values that they should. */
export function requireFields({ text, isCut }: Body, fields: Fields): void {
  if (isCut) throw new Error(`its body is longer than the ${MAX_BODY_BYTES} bytes that are read as JSON`);
  const json = parseJson(text);
  const problems = Object.entries(fields).flatMap(([path, expected]) => {
    const found = valueAt(json, path);
    if (found === expected) return [];
    if (found === undefined) return [`${path} is missing instead of ${quote(expected)}`];
    return [`${path} is ${quote(found)} instead of ${quote(expected)}`];
  });
  if (problems.length > 0) throw new Error(`in its JSON, ${problems.join(', ')}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`its body is not JSON: ${quote(text)}`);
  }
}

/** What is at `db.replicas.0.status`; undefined when there is no such thing. */
function valueAt(json: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => {
    const isThere = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
    return isThere ? Reflect.get(value, key) : undefined;
  }, json);
}

function quote(value: unknown): string {
  const quoted = JSON.stringify(value);
  return quoted.length > MAX_QUOTE_LENGTH ? `${quoted.slice(0, MAX_QUOTE_LENGTH)}…` : quoted;
}
