import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { SidecarConfig } from '../../src/index.js';
import { tempFolder } from '../support/temp-folder.js';
import { watch } from '../support/watched-sidecar.js';
import { ARITHMETIC, libraryConfig } from './library-config.js';
import { arithmeticLibrary, hasC } from './toolchains.js';

/** Starts what can't be loaded; a retry would not help, so there must be none. */
async function failsForGood(config: SidecarConfig) {
  const watched = watch(config).start();
  const { reason, cause } = await watched.next('stopped');
  expect(reason).toBe('spawn-failed');
  expect(watched.states()).toEqual(['compiling', 'spawning', 'stopped']);
  if (cause?.type !== 'spawn-failed') throw new Error('another cause');
  const { failure } = cause;
  expect(failure.permanent).toBe(true);
  expect(String(await watched.started)).toContain(`did not start: it can't be started: ${failure.message}`);
  return { code: failure.code, message: failure.message };
}

describe('a library that can not be loaded', () => {
  it('does not exist; its path is relative to cwd', async () => {
    const cwd = await tempFolder();
    const path = join(cwd, 'build/libarithmetic.so');
    expect(await failsForGood(libraryConfig('build/libarithmetic.so', { process: { cwd } }))).toEqual({
      code: 'ENOENT',
      message: `process.command ${path} does not exist; with the transport "direct" it is the path of a shared library`,
    });
  });

  it('is a folder', async () => {
    const path = await tempFolder();
    const { code, message } = await failsForGood(libraryConfig(path));
    expect(code).toBe('EINVAL');
    expect(message).toContain(`process.command ${path} is not a file; `);
  });

  it('is not a library', async () => {
    const path = join(await tempFolder(), 'text.so');
    await writeFile(path, 'This is text, and no machine code whatever the name may say.\n'.repeat(20));
    const { code, message } = await failsForGood(libraryConfig(path));
    expect(code).toBe('LIBRARY_UNUSABLE');
    const problem = process.platform === 'linux' ? 'invalid ELF header' : '';
    expect(message).toContain(`${path} can't be loaded as a shared library: ${problem}`);
  });
});

describe.runIf(hasC)('a library with other functions than those that are configured', () => {
  const arithmetic = arithmeticLibrary();

  const failsFor = (functions: Readonly<Record<string, string>>, health?: string) =>
    failsForGood(libraryConfig(arithmetic.path, { direct: { functions, ...(health && { health }) } }));

  it('lacks a symbol', async () => {
    expect(await failsFor({ ...ARITHMETIC, subtract: 'int subtract(int a, int b)' })).toEqual({
      code: 'SYMBOL_MISSING',
      message: `direct.functions.subtract: ${arithmetic.path} has no symbol "subtract"; is it exported (extern "C" in C++, //export in Go)?`,
    });
  });

  it('lacks the symbol of the health function', async () => {
    const { code, message } = await failsFor(ARITHMETIC, 'healthy');
    expect(code).toBe('SYMBOL_MISSING');
    expect(message).toContain(`direct.health: ${arithmetic.path} has no symbol "healthy"`);
  });

  it.each([
    ['int add(int a, int b, )', 'expected type'],
    ['integer add(int a, int b)', "Unknown or invalid type name 'integer'"],
    ['int add(Pair pair)', "Unknown or invalid type name 'Pair'"],
  ])('has the prototype %j for add', async (prototype, problem) => {
    const { code, message } = await failsFor({ add: prototype });
    expect(code).toBe('PROTOTYPE_INVALID');
    expect(message).toContain(`direct.functions.add: "${prototype}" is not the prototype of add: `);
    expect(message).toContain(problem);
  });

  it('can not be copied, which may pass', async () => {
    const temporaryFolder = join(await tempFolder(), 'missing');
    vi.stubEnv('TMPDIR', temporaryFolder);
    onTestFinished(() => void vi.unstubAllEnvs());
    const watched = watch(libraryConfig(arithmetic.path, { process: { maxRestarts: 50 } })).start();
    const { cause } = await watched.next('restart-scheduled');
    if (cause.type !== 'spawn-failed') throw new Error('another cause');
    expect(cause.failure).toMatchObject({ code: 'ENOENT', permanent: false });
    expect(cause.failure.message).toContain(
      `${arithmetic.path} can't be copied into the temporary folder ${temporaryFolder}: ENOENT`,
    );
    await mkdir(temporaryFolder);
    expect(await watched.started).toBe('running');
    await watched.stopsCleanly();
  });

  it('can be mended and started', async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, 'build'));
    const config = libraryConfig('build/lib.so', { process: { cwd: folder } });
    const watched = watch(config).start();
    expect((await watched.next('stopped')).reason).toBe('spawn-failed');
    await copyFile(arithmetic.path, join(folder, 'build/lib.so'));
    await watched.run();
    await watched.stopsCleanly();
  });
});
