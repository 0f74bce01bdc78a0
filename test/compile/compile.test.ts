import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explainTransition } from '../../src/index.js';
import { compilerConfig, incrementalConfig } from '../support/compile-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { watch } from '../support/watched-sidecar.js';

describe('a compilation', () => {
  it('comes before the process', async () => {
    const cwd = await tempFolder();
    await writeFile(join(cwd, 'main.txt'), 'source');
    const watched = await watch(incrementalConfig(cwd)).run();
    expect(watched.states()).toEqual(['compiling', 'spawning', 'waitingHealthy', 'running']);
    const [compiled] = watched.all('compiled');
    expect(compiled?.outcome).toBe('compiled');
    expect(compiled?.duration).toBeGreaterThan(0);
    const spawning = watched.sidecar.history().find(({ to }) => to === 'spawning');
    expect(spawning && explainTransition(spawning)).toMatch(/^compiled in /);
    expect(await readFile(join(cwd, 'build/main.txt'), 'utf8')).toBe('source');
    await watched.stopsCleanly();
  });

  it('tells each line while the compiler still runs', async () => {
    const watched = watch(compilerConfig(['--lines=3', '--message=a warning', '--hang'])).start();
    const lines = [];
    for (let count = 0; count < 5; count += 1) lines.push(await watched.next('output'));
    expect(watched.sidecar.status().state).toBe('compiling');
    expect(watched.processes()).toHaveLength(1);
    expect(lines.every(({ source }) => source === 'compile')).toBe(true);
    expect(lines.filter(({ stream }) => stream === 'stdout').map(({ line }) => line)).toEqual([
      'compiling 1',
      'compiling 2',
      'compiling 3',
      'hanging',
    ]);
    expect(lines.filter(({ stream }) => stream === 'stderr').map(({ line }) => line)).toEqual(['a warning']);
  });

  it('finds its compiler in node_modules/.bin', async () => {
    const root = await tempFolder();
    const cwd = join(root, 'packages/app');
    await mkdir(join(root, 'node_modules/.bin'), { recursive: true });
    await mkdir(cwd, { recursive: true });
    const compiler = join(root, 'node_modules/.bin/local-compiler-8b1e');
    await writeFile(compiler, '#!/bin/sh\necho "local compiler $1"\n');
    await chmod(compiler, 0o755);
    const watched = await watch(
      compilerConfig([], { command: 'local-compiler-8b1e', args: ['in: $PWD'], cwd }),
    ).run();
    // Without a shell, arguments are passed as they are.
    expect(watched.lines()).toContain('local compiler in: $PWD');
    await watched.stopsCleanly();
  });

  it('may be a line of the shell', async () => {
    const cwd = await tempFolder();
    const watched = await watch(
      compilerConfig([], {
        command: 'echo one && echo',
        args: ['"two  $NAME" > out.txt'],
        shell: true,
        cwd,
        env: { NAME: 'three' },
      }),
    ).run();
    expect(watched.lines()).toContain('one');
    expect(await readFile(join(cwd, 'out.txt'), 'utf8')).toBe('two  three\n');
    await watched.stopsCleanly();
  });

  it('comes again with a restart, but not with an automatic one', async () => {
    const watched = await watch(compilerConfig(['--lines=1'])).run();
    process.kill(watched.pid, 'SIGKILL');
    await watched.next('healthy', ({ generation }) => generation === 2);
    expect(watched.all('compiled')).toHaveLength(1);
    await watched.sidecar.restart();
    expect(watched.all('compiled')).toHaveLength(2);
    await watched.stopsCleanly();
  });

  it('in a reload replaces the old process if it works, and leaves it serving if it fails', async () => {
    const cwd = await tempFolder();
    await writeFile(join(cwd, 'main.txt'), 'source');
    const config = compilerConfig(['--input=main.txt', '--output=build/main.txt'], { cwd });
    const watched = await watch(config).run();
    const { pid } = watched;
    await writeFile(join(cwd, 'main.txt'), 'better source');
    await watched.sidecar.reload();
    const replaced = watched.pid;
    expect(replaced).not.toBe(pid);
    expect(await readFile(join(cwd, 'build/main.txt'), 'utf8')).toBe('better source');

    await rm(join(cwd, 'main.txt'));
    await expect(watched.sidecar.reload()).rejects.toThrow('was not reloaded');
    expect(watched.pid).toBe(replaced);
    expect(await watched.sidecar.isHealthy()).toBe(true);
    expect(watched.sidecar.status().state).toBe('running');
    await watched.stopsCleanly();
  });
});
