import { rmSync } from 'node:fs';
import { access, constants, copyFile, mkdtemp, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { ProcessConfig } from '../config/schema.js';
import { SpawnError } from './spawn-failure.js';

/**
 * The absolute path of the library that `process.command` names.
 *
 * @throws {SpawnError} when there is no such file, or it can't be read.
 */
export async function findLibrary({ command, cwd }: ProcessConfig): Promise<string> {
  const path = resolve(cwd, command);
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    const absent = error.code === 'ENOENT' || error.code === 'ENOTDIR';
    const problem = absent ? 'does not exist' : `can't be looked at: ${error.message}`;
    throw unusable(error.code ?? 'UNKNOWN', path, problem);
  });
  if (!found.isFile()) throw unusable('EINVAL', path, 'is not a file');
  await access(path, constants.R_OK).catch((error: NodeJS.ErrnoException) => {
    throw unusable(error.code ?? 'UNKNOWN', path, `can't be read: ${error.message}`);
  });
  return path;
}

function unusable(code: string, path: string, problem: string): SpawnError {
  const message = `process.command ${path} ${problem}; with the transport "direct" it is the path of a shared library`;
  return new SpawnError({ code, message, permanent: true });
}

/**
 * A copy of a library under a path that was never loaded. The system gives back the old library for a path that is
 * still loaded, Go's libraries stay loaded for ever, and a compiler that writes into a loaded file crashes the host.
 */
export class PrivateCopy {
  readonly path: string;
  readonly #folder: string;

  private constructor(folder: string, name: string) {
    this.#folder = folder;
    this.path = join(folder, name);
  }

  /** @throws {SpawnError} when the temporary folder does not take it. */
  static async of(library: string): Promise<PrivateCopy> {
    try {
      const copy = new PrivateCopy(await mkdtemp(join(tmpdir(), 'sidecar-library-')), basename(library));
      await copyFile(library, copy.path).catch((error: unknown) => {
        copy.remove();
        throw error;
      });
      return copy;
    } catch (error) {
      // A disk that is full now need not be later.
      throw new SpawnError({
        code: error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN',
        message: `${library} can't be copied into the temporary folder ${tmpdir()}: ${error instanceof Error ? error.message : error}`,
        permanent: false,
      });
    }
  }

  /** Removes it, also while it is loaded: only its name is needed for that. May be called again. */
  remove(): void {
    try {
      rmSync(this.#folder, { recursive: true, force: true });
    } catch {
      // Windows keeps the file of a loaded library; it is removed once that is unloaded.
    }
  }
}
