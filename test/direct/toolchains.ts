import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll } from 'vitest';

const run = promisify(execFile);

export const hasC = isInstalled('cc', '--version');
export const hasGo = hasC && isInstalled('go', 'version');

if (!hasC) console.log('Skipped: shared libraries, because no C compiler (cc) is installed.');
else if (!hasGo) console.log('Skipped: shared libraries in Go, because no Go is installed.');

/** Go's own cache lies where the tests' empty cache folder would otherwise be. */
export const goEnvironment = { GOCACHE: join(homedir(), '.cache', 'go-build') };

/** The first compilation of a Go library may have to fill an empty build cache. */
export const GO_PATIENCE = 240_000;

const ARITHMETIC = fileURLToPath(new URL('./fixtures/arithmetic.c', import.meta.url));

/** The arguments of `cc` that make a shared library. */
export function sharedLibraryArgs(source: string, output: string): string[] {
  return ['-shared', '-fPIC', '-o', output, source];
}

/** Compiles test/direct/fixtures/arithmetic.c once for a test file; the path of the library, known in its tests. */
export function arithmeticLibrary(): { readonly path: string } {
  const library = { path: '' };
  let folder = '';
  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'sm-')));
    library.path = join(folder, 'libarithmetic.so');
    await run('cc', sharedLibraryArgs(ARITHMETIC, library.path));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return library;
}

function isInstalled(command: string, versionArgument: string): boolean {
  try {
    execFileSync(command, [versionArgument], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
