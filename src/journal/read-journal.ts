import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isRecord } from '../config/is-record.js';
import { SidecarError } from '../sidecar-error.js';
import { JOURNAL_VERSION, type Journal, type JournalEntry } from './format.js';

/**
 * Reads a journal with its older files (`<path>.1`, …), the oldest first. A line that was cut when the host was killed is
 * counted and left out.
 *
 * @param path of `journal.jsonl` in the state directory of a sidecar
 * @throws {SidecarError} when it was written by a newer version, whose format may be another.
 * @throws the file system's error when it can't be read.
 */
export async function readJournal(path: string): Promise<Journal> {
  const texts: string[] = [];
  for (const file of await filesOf(path)) texts.push(await readFile(file, 'utf8'));
  return parseJournal(texts.join('\n'));
}

/** The journal that a text holds. Reads no file; throws as `readJournal`, of which it is the pure part. */
export function parseJournal(text: string): Journal {
  const entries: JournalEntry[] = [];
  let unreadable = 0;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const entry = parseEntry(line);
    if (entry === null) unreadable += 1;
    else entries.push(entry);
  }
  return { entries, unreadable };
}

/** The oldest first. At least the newest: a journal that is not there is an error. */
async function filesOf(path: string): Promise<readonly string[]> {
  const [folder, name] = [dirname(path), basename(path)];
  const ages = (await readdir(folder)).flatMap((file) => {
    const age = file.startsWith(`${name}.`) ? Number(file.slice(name.length + 1)) : Number.NaN;
    return Number.isInteger(age) && age > 0 ? [age] : [];
  });
  const older = ages.toSorted((left, right) => right - left).map((age) => join(folder, `${name}.${age}`));
  return [...older, path];
}

function parseEntry(line: string): JournalEntry | null {
  const parsed = parse(line);
  if (!isEntry(parsed)) return null;
  const { version = JOURNAL_VERSION } = 'version' in parsed ? parsed : {};
  if (version <= JOURNAL_VERSION) return parsed;
  throw new SidecarError(`The journal has version ${version}; this package reads up to ${JOURNAL_VERSION}.`);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // Cut.
    return null;
  }
}

/** Its envelope is checked. What is in it is compared by a replay, and one that makes no sense is a difference. */
function isEntry(value: unknown): value is JournalEntry {
  if (!isRecord(value)) return false;
  const { type, session, n, time } = value;
  return (
    typeof type === 'string' &&
    typeof session === 'string' &&
    typeof n === 'number' &&
    typeof time === 'number'
  );
}
