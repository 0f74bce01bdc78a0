import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from 'tinyglobby';
import { JOURNAL_FILE } from '../../src/journal/format.js';
import { readJournal } from '../../src/journal/read-journal.js';
import { replay } from '../../src/journal/replay.js';

/** Lists the state directories in which a journal must be found at the end of the run. */
const EXPECTED = 'expected-journals';

/** Demands that the journal of a sidecar that was started be replayed at the end of the run. */
export function expectJournal(runtimeFolder: string, stateDirectory: string): void {
  appendFileSync(join(runtimeFolder, EXPECTED), `${stateDirectory}\n`);
}

/**
 * Replays every journal that the tests wrote. One that comes out differently is an error, and so is one that is not there.
 *
 * @returns how many there were, for people
 */
export async function replayJournals(runtimeFolder: string): Promise<string> {
  const total = { journals: 0, sessions: 0, events: 0, transitions: 0, skipped: 0 };
  const replayed = new Set<string>();
  for (const path of globSync(`**/${JOURNAL_FILE}`, { cwd: runtimeFolder, absolute: true })) {
    const { difference, ...counts } = replay(await readJournal(path));
    if (difference !== null) {
      throw new Error(`The journal ${path} comes out differently:\n${JSON.stringify(difference, null, 2)}`);
    }
    total.journals += 1;
    total.sessions += counts.sessions;
    total.events += counts.events;
    total.transitions += counts.transitions;
    total.skipped += counts.skipped;
    if (counts.sessions > 0) replayed.add(path);
  }
  const missing = expectedIn(runtimeFolder).filter((folder) => !replayed.has(join(folder, JOURNAL_FILE)));
  if (missing.length > 0) throw new Error(`Sidecars left no journal to replay:\n  ${missing.join('\n  ')}`);
  if (total.journals === 0) return 'No journal was written by these tests.';
  const { journals, sessions, events, transitions, skipped } = total;
  const rest =
    skipped === 0 ? '' : `; ${skipped} events could not be replayed, as others before them are missing`;
  return `Replayed ${journals} journals the same: ${sessions} sessions, ${events} events, ${transitions} transitions${rest}.`;
}

function expectedIn(runtimeFolder: string): readonly string[] {
  const list = join(runtimeFolder, EXPECTED);
  return existsSync(list) ? readFileSync(list, 'utf8').trimEnd().split('\n') : [];
}
