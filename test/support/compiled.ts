import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { globSync } from 'tinyglobby';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let compiled: Promise<string> | null = null;

/**
 * Compiles what tests run as a process of its own: a host starts in half the time that it takes to compile it each time,
 * and there are hundreds. Once, however many projects of vitest ask.
 *
 * @returns the folder, in which everything lies as it does here
 */
export function compilePrograms(): Promise<string> {
  compiled ??= compile();
  return compiled;
}

export async function removePrograms(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

async function compile(): Promise<string> {
  // There the packages are found that the programs import.
  const cache = join(ROOT, 'node_modules', '.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'test-programs-'));
  const compiler = join(ROOT, 'node_modules', '.bin', 'tsc');
  await promisify(execFile)(compiler, ['-p', join(ROOT, 'test/support/hosts'), '--outDir', folder]);
  const others = ['package.json', ...globSync('test/**/*.mjs', { cwd: ROOT })];
  await Promise.all(others.map((file) => cp(join(ROOT, file), join(folder, file))));
  return folder;
}
