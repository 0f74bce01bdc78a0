import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJournal, replay, type Sidecar } from '../../src/index.js';
import { type LedgerEntry, readLedgerEntry } from '../../src/orphans/ledger-entry.js';
import { isAlive } from './processes.js';

/**
 * Where the records of a sidecar do not tell one story, in words: each begins where the one before it ended, none is
 * missing, and the last one leads to where it is. Null when they do.
 */
export function brokenStory(sidecar: Sidecar): string | null {
  const history = sidecar.history();
  for (const [index, record] of history.entries()) {
    const before = history[index - 1];
    if (before === undefined) continue;
    const follows =
      record.from === before.to && record.sequence === before.sequence + 1 && record.time >= before.time;
    if (!follows) return `${JSON.stringify(record)} does not follow ${JSON.stringify(before)}`;
  }
  const { state } = sidecar.status();
  const last = history.at(-1)?.to;
  return last === state ? null : `the last record leads to ${last}, and it is ${state}`;
}

/** Whether the state, the ledger and the process table say the same of who runs. */
export function ledgerAgrees(sidecar: Sidecar, stateDirectory: string): boolean {
  const { pid, generation } = sidecar.status();
  const entry = readLedger(stateDirectory);
  if (pid === null) return entry.sidecar === null;
  return (
    isAlive(pid) &&
    entry.host?.pid === process.pid &&
    entry.sidecar?.pid === pid &&
    entry.sidecar.generation === generation
  );
}

function readLedger(stateDirectory: string): LedgerEntry {
  const pages = readdirSync(stateDirectory).filter((name) => /^ledger\.\d+\.jsonl$/.test(name));
  const [page, ...others] = pages;
  if (page === undefined || others.length > 0) throw new Error(`the ledger has ${pages.length} pages`);
  return readLedgerEntry(readFileSync(join(stateDirectory, page), 'utf8'));
}

/**
 * Where the journal and the records differ, in words. It has every record, or says that some are missing, and comes out the
 * same when it is replayed. Null when they agree.
 */
export async function brokenJournal(sidecar: Sidecar, stateDirectory: string): Promise<string | null> {
  const journal = await readJournal(join(stateDirectory, 'journal.jsonl'));
  const { difference, transitions } = replay(journal);
  if (difference !== null) return `replayed, it differs: ${JSON.stringify(difference)}`;
  if (journal.entries.some(({ type }) => type === 'gap')) return null;
  const recorded = sidecar.history().at(-1)?.sequence;
  return transitions === recorded ? null : `it has ${transitions} of ${recorded} transitions`;
}
