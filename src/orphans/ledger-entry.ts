import * as z from 'zod';

const identity = {
  pid: z.int().positive(),
  startTime: z.string(),
  bootId: z.string().nullable(),
  /** For people. */
  command: z.string(),
};

const ledgerEntry = z.object({
  version: z.literal(1),
  /** The program that runs the sidecar; null when it has given it up. */
  host: z.object(identity).nullable(),
  /** The leader of the sidecar's group; null while there is none. */
  sidecar: z.object({ ...identity, mark: z.string().min(1), generation: z.int() }).nullable(),
});

/** Whose a sidecar is, and what was started for it. */
export type LedgerEntry = z.output<typeof ledgerEntry>;
export type LedgerHost = NonNullable<LedgerEntry['host']>;
export type LedgerProcess = NonNullable<LedgerEntry['sidecar']>;

/**
 * The last whole line of a page.
 *
 * @throws {Error} when it is not an entry, in words for people
 */
export function readLedgerEntry(page: string): LedgerEntry {
  const whole = page.slice(0, page.lastIndexOf('\n') + 1) || page;
  const parsed = ledgerEntry.safeParse(JSON.parse(whole.trimEnd().split('\n').at(-1) ?? ''));
  if (parsed.success) return parsed.data;
  throw new Error(z.prettifyError(parsed.error));
}
