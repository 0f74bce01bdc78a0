import type { Dispatcher } from 'undici';

/** A request of `fetch()` or `request()`, before it is sent. */
export interface WrappedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
}

type Headers = Readonly<Record<string, string>>;

/**
 * Goes around a request: calls `send` once, with headers that replace those of the same name, and gives its answer.
 * The answer is a `Response`, or what undici's `request` gives.
 */
export type RequestWrapper = <Answer extends object>(
  request: WrappedRequest,
  send: (headers: Headers) => Promise<Answer>,
) => Promise<Answer>;

/** The headers of a request of undici's, which may have several forms, with others that replace some. */
export function withHeaders(
  headers: Dispatcher.RequestOptions['headers'],
  added: Headers,
): Record<string, string | string[] | undefined> {
  const replaced = new Set(Object.keys(added).map((name) => name.toLowerCase()));
  const kept = entriesOf(headers).filter(([name]) => !replaced.has(name.toLowerCase()));
  const combined: Record<string, string | string[] | undefined> = {};
  for (const [name, value] of kept) {
    const before = combined[name];
    // A name that comes twice is a list.
    combined[name] = before === undefined || value === undefined ? value : [before, value].flat();
  }
  return { ...combined, ...added };
}

type Entry = readonly [name: string, value: string | string[] | undefined];

function entriesOf(headers: Dispatcher.RequestOptions['headers']): readonly Entry[] {
  if (headers === undefined || headers === null) return [];
  if (Array.isArray(headers)) return pairs(headers);
  if (Symbol.iterator in headers) return [...headers];
  return Object.entries(headers);
}

/** `[name, value, name, value]` as undici has it. */
function pairs(flat: readonly string[]): Entry[] {
  return flat.flatMap((name, index): Entry[] => (index % 2 === 0 ? [[name, flat[index + 1]]] : []));
}
