import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { compilerConfig } from '../support/compile-config.js';
import { Host } from '../support/run-host.js';
import { tempFolder } from '../support/temp-folder.js';
import { watch } from '../support/watched-sidecar.js';

type Section = Parameters<typeof compilerConfig>[1];

async function failureOf(args: string[], compile: Section = {}) {
  const watched = watch(compilerConfig(args, compile)).start();
  const { failure } = await watched.next('compile-failed');
  const stopped = await watched.next('stopped');
  expect(stopped).toMatchObject({ reason: 'compile-failed', cause: { type: 'compile-failed', failure } });
  expect(watched.states()).toEqual(['compiling', 'stopped']);
  expect(watched.all('spawned')).toEqual([]);
  watched.leavesNothing();
  const error = String(await watched.started);
  expect(error).toContain(`the compilation failed: ${failure.message}`);
  return { failure, error, watched };
}

describe('a compilation that fails', () => {
  it('tells the exit code and the last lines', async () => {
    const { failure, error } = await failureOf([
      '--lines=80',
      '--message=main.ft:3: no such type',
      '--exitCode=2',
    ]);
    expect(failure).toMatchObject({ kind: 'failed', exitCode: 2, signal: null });
    expect(failure.message).toMatch(/^".*compiler\.mjs --lines=80 .*" exited with code 2$/);
    expect(failure.tail).toHaveLength(50);
    expect(failure.tail).toContain('main.ft:3: no such type');
    expect(error).toContain('  | compiling 80');
  });

  it('tells the signal that ended the compiler', async () => {
    const { failure } = await failureOf([], { args: ['-e', 'process.kill(process.pid, "SIGSEGV")'] });
    expect(failure).toMatchObject({ kind: 'failed', exitCode: null, signal: 'SIGSEGV' });
    expect(failure.message).toContain('was ended by SIGSEGV');
  });

  it.each([[false], [true]])(
    'tells that the compiler is missing and how to name another (shell: %s)',
    async (shell) => {
      const { failure } = await failureOf([], { command: 'no-such-compiler-8b1e', args: ['main.ft'], shell });
      expect(failure.kind).toBe('not-found');
      expect(failure.message).toContain('the compiler "no-such-compiler-8b1e" was not found');
      expect(failure.message).toContain('set compile.command to another');
    },
  );

  it('tells that the compiler is not executable', async () => {
    const command = join(await tempFolder(), 'compiler');
    await writeFile(command, '#!/bin/sh\n');
    await chmod(command, 0o644);
    const { failure } = await failureOf([], { command, args: [] });
    expect(failure.kind).toBe('unusable');
    expect(failure.message).toContain(`"${command}" could not be started`);
    expect(failure.message).toContain('EACCES');
  });

  it('tells that its folder is missing, or is a file', async () => {
    const folder = await tempFolder();
    const missing = await failureOf([], { cwd: join(folder, 'missing') });
    expect(missing.failure).toMatchObject({
      kind: 'unusable',
      message: `compile.cwd ${join(folder, 'missing')} is not a folder`,
    });
    await writeFile(join(folder, 'file'), '');
    const file = await failureOf([], { cwd: join(folder, 'file') });
    expect(file.failure.message).toBe(`compile.cwd ${join(folder, 'file')} is not a folder`);
  });

  it('tells that arguments are too long', async () => {
    const { failure } = await failureOf(['x'.repeat(3_000_000)]);
    expect(failure.kind).toBe('unusable');
    expect(failure.message).toContain('E2BIG');
  });

  it('tells that a declared output was not written', async () => {
    const cwd = await tempFolder();
    await writeFile(join(cwd, 'main.txt'), '');
    const { failure } = await failureOf(['--lines=1'], {
      cwd,
      inputs: ['*.txt'],
      outputs: ['build/main.txt'],
    });
    expect(failure).toMatchObject({ kind: 'no-output', exitCode: 0, tail: ['compiling 1'] });
    expect(failure.message).toMatch(/exited with code 0, but did not write build\/main\.txt$/);
  });

  it('can be tried again with START', async () => {
    const cwd = await tempFolder();
    const config = compilerConfig(['--input=main.txt', '--output=build/main.txt'], { cwd });
    const watched = watch(config).start();
    const { failure } = await watched.next('compile-failed');
    expect(failure.tail.join('\n')).toContain('ENOENT');
    await watched.next('stopped');
    await writeFile(join(cwd, 'main.txt'), '');
    await watched.run();
    await watched.stopsCleanly();
  });

  it('may print 20 MB of NULs: bounded in memory', async () => {
    const host = new Host('compile-host', ['--nuls=20000000']);
    const result = z
      .object({ kind: z.string(), exitCode: z.number(), tailLength: z.number(), grownMB: z.number() })
      .parse(JSON.parse(await host.said('result: ')));
    console.log(`The host grew by ${result.grownMB.toFixed(1)} MB.`);
    expect(result).toMatchObject({ kind: 'failed', exitCode: 1 });
    expect(result.tailLength).toBeLessThan(100_000);
    expect(result.grownMB).toBeLessThan(100);
    expect(await host.exited()).toEqual({ code: 0, signal: null });
  });
});
