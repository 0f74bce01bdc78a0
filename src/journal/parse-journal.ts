import { isRecord } from '../config/is-record.js';
import { SidecarError } from '../sidecar-error.js';
import { JOURNAL_VERSION, type Journal, type JournalEntry } from './format.js';

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
