import {
  closeSync,
  constants,
  ftruncateSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { link, lstat, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { errorCode } from '../os/error-code.js';
import { uniqueId } from '../os/unique-id.js';

const OWNER_ONLY_FOLDER = 0o700;
const OWNER_ONLY_FILE = 0o600;
const WRITABLE_BY_ALL = 0o002;
const WRITABLE_BY_OTHERS = 0o022;

/** A folder that others may have prepared for us is not written to. */
export class UnsafeFolderError extends Error {
  override readonly name = 'UnsafeFolderError';
}

/**
 * A folder of small files that only this user may read, and that are replaced as a whole: who reads one sees what was
 * written before or after, never a part. Whoever uses it must expect every call to fail, as disks fill up.
 */
export class StateDirectory {
  /** Absolute. */
  readonly path: string;
  #prepared: Promise<void> | null = null;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /** Where a file of it is. */
  file(name: string): string {
    return join(this.path, name);
  }

  /**
   * Makes it, unless it is there; once, until that fails.
   *
   * @throws {UnsafeFolderError} when it belongs to another user, is a link, or can be changed by others
   */
  prepare(): Promise<void> {
    this.#prepared ??= this.#make().catch((error: unknown) => {
      this.#prepared = null;
      throw error;
    });
    return this.#prepared;
  }

  /** The text of a file; null when there is none. */
  async read(name: string): Promise<string | null> {
    try {
      await this.prepare();
      return await readFile(this.file(name), 'utf8');
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return null;
      throw error;
    }
  }

  /** Replaces a file, or makes it. */
  async write(name: string, text: string): Promise<void> {
    await this.prepare();
    const draft = this.#draftOf(name);
    try {
      await writeFile(draft, text, { flag: 'wx', mode: OWNER_ONLY_FILE });
      await rename(draft, this.file(name));
    } catch (error) {
      await rm(draft, { force: true });
      // It may have been removed under our feet, as a temporary folder is when nobody used it for long.
      if (errorCode(error) === 'ENOENT') this.#prepared = null;
      throw error;
    }
  }

  /** Makes a file that is not there yet, as a whole; false when it was there. Of several who try, one succeeds. */
  async create(name: string, text: string): Promise<boolean> {
    await this.prepare();
    const draft = this.#draftOf(name);
    try {
      await writeFile(draft, text, { flag: 'wx', mode: OWNER_ONLY_FILE });
      await link(draft, this.file(name));
      return true;
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return false;
      throw error;
    } finally {
      await rm(draft, { force: true });
    }
  }

  /** The names of its files. */
  async list(): Promise<string[]> {
    await this.prepare();
    return readdir(this.path);
  }

  /** The same, before anything else can happen, of one that was prepared. */
  listNow(): string[] {
    return readdirSync(this.path);
  }

  /**
   * Replaces a file before anything else can happen. Only small ones: it takes a tenth of a millisecond. On a full disk
   * a file that is there is written over, which needs no more room unless the text is longer than a block.
   */
  writeNow(name: string, text: string): void {
    const draft = this.#draftOf(name);
    try {
      writeFileSync(draft, text, { flag: 'wx', mode: OWNER_ONLY_FILE });
      renameSync(draft, this.file(name));
    } catch (error) {
      rmSync(draft, { force: true });
      if (!isFull(error)) throw error;
      this.#writeOver(name, Buffer.from(text));
    }
  }

  /**
   * Adds a line to a file, or makes the file, before anything else can happen: a tenth of what it takes to replace it. Who
   * reads it meanwhile may see a part of the line, but not its end. On a full disk the line takes the place of the others.
   */
  appendNow(name: string, line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
    const descriptor = openSync(this.file(name), flags, OWNER_ONLY_FILE);
    try {
      if (writeSync(descriptor, bytes) === bytes.length) return;
    } catch (error) {
      if (!isFull(error)) throw error;
    } finally {
      closeSync(descriptor);
    }
    this.#writeOver(name, bytes);
  }

  #writeOver(name: string, bytes: Buffer): void {
    const descriptor = openSync(this.file(name), constants.O_WRONLY | constants.O_NOFOLLOW);
    try {
      ftruncateSync(descriptor, writeSync(descriptor, bytes, 0, bytes.length, 0));
    } finally {
      closeSync(descriptor);
    }
  }

  /** Removes a file, if it is there. */
  async remove(name: string): Promise<void> {
    await rm(this.file(name), { force: true });
  }

  removeNow(name: string): void {
    rmSync(this.file(name), { force: true });
  }

  /** Only a new file is written to: what has the name already may be a link. */
  #draftOf(name: string): string {
    return this.file(`${name}.${uniqueId()}.tmp`);
  }

  async #make(): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: OWNER_ONLY_FOLDER });
    await requireSafe(this.path);
  }
}

/**
 * In a folder where everybody may create, such as the temporary one, somebody else may have come before us: what is
 * there must be our own, all the way down.
 */
async function requireSafe(path: string): Promise<void> {
  await requireOwn(path, WRITABLE_BY_OTHERS);
  for (let inner = path, outer = dirname(path); outer !== inner; inner = outer, outer = dirname(outer)) {
    const { mode } = await stat(outer);
    if ((mode & WRITABLE_BY_ALL) !== 0) await requireOwn(inner, WRITABLE_BY_ALL);
  }
}

async function requireOwn(path: string, forbidden: number): Promise<void> {
  const found = await lstat(path);
  const refuse = (reason: string) => new UnsafeFolderError(`${path} ${reason}`);
  if (!found.isDirectory()) throw refuse('is a link, and not a folder');
  // Windows has neither owners nor modes here.
  const user = process.getuid?.();
  if (user === undefined) return;
  if (found.uid !== user) throw refuse(`belongs to the user ${found.uid}, and not to ${user}`);
  if ((found.mode & forbidden) !== 0) throw refuse('can be changed by other users (see chmod 700)');
}

function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(errorCode(error));
}
