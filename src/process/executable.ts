import { access, constants, open, stat } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { errorCode } from '../os/error-code.js';

/** Where a program is looked for: by its path from a folder, or by its name on a PATH. */
export interface Lookup {
  readonly command: string;
  readonly cwd: string;
  readonly path: string;
}

/**
 * The file that would be run.
 *
 * @throws {Error} with the code that spawning would fail with: ENOENT or EACCES.
 */
export async function findExecutable(lookup: Lookup): Promise<string> {
  let refused: string | null = null;
  for (const candidate of candidates(lookup)) {
    const problem = await problemWith(candidate);
    if (problem === null) return candidate;
    if (problem === 'EACCES') refused = candidate;
  }
  throw refused === null
    ? failure('ENOENT', `${lookup.command} was not found`)
    : failure('EACCES', `${refused} is not executable`);
}

function candidates({ command, cwd, path }: Lookup): string[] {
  if (command.includes('/')) return [resolve(cwd, command)];
  return path.split(delimiter).map((folder) => join(resolve(cwd, folder), command));
}

async function problemWith(file: string): Promise<string | null> {
  try {
    if (!(await stat(file)).isFile()) return 'EACCES';
    await access(file, constants.X_OK);
    const interpreter = await interpreterOf(file);
    if (interpreter !== null) await access(interpreter, constants.X_OK);
    return null;
  } catch (error) {
    return errorCode(error);
  }
}

/** What the first line of a script names; null of a program, or of one that may be run and not read. */
async function interpreterOf(file: string): Promise<string | null> {
  const handle = await open(file).catch(() => null);
  if (handle === null) return null;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(256), 0, 256, 0);
    const [, interpreter = null] = /^#![ \t]*(\S+)/.exec(buffer.toString('latin1', 0, bytesRead)) ?? [];
    return interpreter;
  } finally {
    await handle.close();
  }
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
