/** A label with a value for each port or pid would have a new one after each restart. */
const CHANGING = [
  [/https?:\/\/[^/\s]+/g, ''],
  [/\b(process|pid|port) \d+/g, '$1'],
  [/(\S):\d+\b/g, '$1'],
] as const;

const LONGEST = 100;

/** A configuration has fewer checks than this. */
const MOST = 32;

/** Names checks for labels, such that one sidecar has few of them for all its life. */
export class CheckLabels {
  readonly #known = new Set<string>();

  /** @param check as a report names it: `GET http://127.0.0.1:41234/health` becomes `GET /health` */
  of(check: string): string {
    const name = CHANGING.reduce((text, [changing, kept]) => text.replace(changing, kept), check)
      .replaceAll(/\s+/g, ' ')
      .slice(0, LONGEST);
    if (this.#known.has(name)) return name;
    if (this.#known.size >= MOST) return 'other';
    this.#known.add(name);
    return name;
  }
}
