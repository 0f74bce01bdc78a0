import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Journal } from './format.js';
import { parseJournal } from './parse-journal.js';

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
