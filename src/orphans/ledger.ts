import { type FSWatcher, watch } from 'node:fs';
import { basename } from 'node:path';
import { isAlive } from '../os/process-group.js';
import { identify, isStillThere } from '../os/process-identity.js';
import type { StateDirectory } from '../state/state-directory.js';
import { type LedgerEntry, type LedgerHost, type LedgerProcess, readLedgerEntry } from './ledger-entry.js';

/** How often it is tried to be the next, while others are quicker. */
const MOST_TRIES = 100;

/** A page is written anew when it has so many lines. */
const MOST_LINES = 32;

/** What came of claiming a sidecar. */
export type Claim =
  /** It is ours. */
  | {
      readonly type: 'ours';
      /** What the one before us has, or had when it died. */
      readonly left: LedgerProcess | null;
      /** Who has it still, and is about to notice; null when nobody does. */
      readonly from: LedgerHost | null;
      /** The page of who had it before, to look at until `from` has given it up. */
      readonly page: number | null;
    }
  /** A program that lives has it. */
  | { readonly type: 'held'; readonly by: LedgerHost }
  /** It was ours, until somebody took it over. */
  | { readonly type: 'lost'; readonly by: LedgerHost | null };

export interface LedgerOptions {
  /** Whether it is taken from a program that lives. */
  readonly takeover: boolean;
  readonly warn: (message: string) => void;
  /** Told when another program has taken it over. */
  readonly onTaken: (by: LedgerHost | null) => void;
}

/**
 * Says whose a sidecar is, across programs. Its pages are numbered: who makes the highest one has the sidecar, and only
 * he writes on it; its last line is what holds. A page can be made once, so that of several who want to be next one
 * succeeds; the highest page is never removed, so that nobody makes an old number anew and believes it to be the highest.
 */
export class Ledger {
  readonly #directory: StateDirectory;
  readonly #options: LedgerOptions;
  #page: number | null = null;
  #lines = 0;
  /** There is a higher page than ours. */
  #isTaken = false;
  #host: LedgerHost | null = null;
  #watcher: FSWatcher | null = null;

  constructor(directory: StateDirectory, options: LedgerOptions) {
    this.#directory = directory;
    this.#options = options;
  }

  /**
   * Makes it ours, unless it is.
   *
   * @throws when the directory can't be used
   */
  async claim(): Promise<Claim> {
    if (this.#page !== null) {
      // At once: a process that crashed is to be replaced.
      const latest = latestOf(this.#directory.listNow());
      if (latest === this.#page) return { type: 'ours', left: null, from: null, page: null };
      // Somebody removed the files: it is claimed anew, as by everybody else.
      if (latest > this.#page) {
        this.#isTaken = true;
        return { type: 'lost', by: (await this.#read(latest))?.host ?? null };
      }
      this.#page = null;
    }
    const host = await identifyThisProgram();
    this.#host = host;
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const names = await this.#directory.list();
      const latest = latestOf(names);
      const entry = latest === 0 ? null : await this.#read(latest);
      const holder = await livingHost(entry);
      const left = entry?.sidecar ?? null;
      if (holder !== null && !this.#options.takeover) return { type: 'held', by: holder };
      const page = latest + 1;
      // Should this program die before it has ended what was left, the next one finds it here.
      if (!(await this.#make(page, { version: 1, host, sidecar: left }))) continue;
      await this.#removeOlder(names, holder === null ? page : latest);
      return { type: 'ours', left, from: holder, page: latest === 0 ? null : latest };
    }
    throw new Error(`others were quicker ${MOST_TRIES} times`);
  }

  /** What stands on a page that is not ours, and whether who wrote it lives and has not given it up. */
  async lookAt(page: number): Promise<{ left: LedgerProcess | null; isHeld: boolean }> {
    const entry = await this.#read(page);
    return { left: entry?.sidecar ?? null, isHeld: (await livingHost(entry)) !== null };
  }

  /** Writes down which process runs. */
  async record(process: Omit<LedgerProcess, 'startTime' | 'bootId'>): Promise<void> {
    const page = this.#page;
    const identity = await identify(process.pid);
    // It has ended already, or was given up meanwhile.
    if (identity === null || this.#page !== page) return;
    this.#write({ ...process, ...identity });
  }

  /** Gives it up, before anything else can happen. */
  release(): void {
    const page = this.#page;
    if (page === null) return;
    this.#page = null;
    this.#watcher?.close();
    this.#watcher = null;
    this.#trying(() => {
      // Nobody may write on the page of another, who may wait for this one to be gone.
      if (this.#isTaken) this.#directory.removeNow(nameOf(page));
      else this.#add(page, { version: 1, host: null, sidecar: null });
    });
  }

  async #make(page: number, entry: LedgerEntry): Promise<boolean> {
    if (!(await this.#directory.create(nameOf(page), textOf(entry)))) return false;
    // It may be an old number, whose page was removed by one who is further.
    if ((await this.#latestNumber()) !== page) {
      await this.#directory.remove(nameOf(page));
      return false;
    }
    this.#page = page;
    this.#lines = 1;
    this.#isTaken = false;
    this.#watch(page);
    return true;
  }

  #write(sidecar: LedgerProcess): void {
    const [page, host] = [this.#page, this.#host];
    if (page === null || this.#isTaken) return;
    this.#trying(() => this.#add(page, { version: 1, host, sidecar }));
  }

  #add(page: number, entry: LedgerEntry): void {
    if (this.#lines >= MOST_LINES) {
      this.#directory.writeNow(nameOf(page), textOf(entry));
      this.#lines = 1;
    } else {
      this.#directory.appendNow(nameOf(page), JSON.stringify(entry));
      this.#lines += 1;
    }
  }

  #trying(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#options.warn(`${this.#directory.path} can't be written: ${messageOf(error)}`);
    }
  }

  /** A hint; before each process is started, it is looked up. */
  #watch(page: number): void {
    this.#watcher?.close();
    try {
      this.#watcher = watch(this.#directory.path, { persistent: false }, (_event, name) => {
        if (name === null || numberOf(name) > page) void this.#lookUp(page);
      });
      this.#watcher.on('error', () => this.#watcher?.close());
    } catch {
      // The system watches no more files: it is looked up with the next process.
      this.#watcher = null;
    }
  }

  async #lookUp(page: number): Promise<void> {
    const latest = await this.#latestNumber().catch(() => 0);
    if (latest <= page || this.#page !== page || this.#isTaken) return;
    this.#isTaken = true;
    const by = (await this.#read(latest))?.host ?? null;
    if (this.#page === page) this.#options.onTaken(by);
  }

  /** 0 for none. */
  async #latestNumber(): Promise<number> {
    return latestOf(await this.#directory.list());
  }

  async #read(page: number): Promise<LedgerEntry | null> {
    const text = await this.#directory.read(nameOf(page));
    if (text === null) return null;
    try {
      return readLedgerEntry(text);
    } catch (error) {
      const path = this.#directory.file(nameOf(page));
      this.#options.warn(
        `${path} can't be understood, so that nobody knows what an earlier run left: ${messageOf(error)}`,
      );
      return null;
    }
  }

  async #removeOlder(names: readonly string[], page: number): Promise<void> {
    const older = names.filter((name) => numberOf(name) > 0 && numberOf(name) < page);
    await Promise.all(older.map((name) => this.#directory.remove(name)));
  }
}

let thisProgram: Promise<LedgerHost> | null = null;

/** The same for all ledgers. */
function identifyThisProgram(): Promise<LedgerHost> {
  thisProgram ??= describeThisProgram().catch((error: unknown) => {
    // For want of descriptors, perhaps.
    thisProgram = null;
    throw error;
  });
  return thisProgram;
}

async function describeThisProgram(): Promise<LedgerHost> {
  const identity = await identify(process.pid);
  if (identity === null) throw new Error('nothing tells when this program was started');
  // Without its arguments, which may be secret.
  const command = process.argv.slice(0, 2).map((part, index) => (index === 0 ? basename(part) : part));
  return { ...identity, command: command.join(' ') };
}

/** One that has ended and was not waited for has its pid still. */
async function livingHost(entry: LedgerEntry | null): Promise<LedgerHost | null> {
  if (entry === null || entry.host === null) return null;
  return isAlive(entry.host.pid) && (await isStillThere(entry.host)) ? entry.host : null;
}

function nameOf(page: number): string {
  return `ledger.${page}.jsonl`;
}

/** 0 when there is no page. */
function latestOf(names: readonly string[]): number {
  return names.reduce((highest, name) => Math.max(highest, numberOf(name)), 0);
}

/** 0 for another file. */
function numberOf(name: string): number {
  return Number(/^ledger\.(\d{1,15})\.jsonl$/.exec(name)?.[1] ?? 0);
}

function textOf(entry: LedgerEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
