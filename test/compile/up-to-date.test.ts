import { appendFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SidecarConfig } from '../../src/index.js';
import { incrementalConfig } from '../support/compile-config.js';
import { findMarked, RUN_MARK } from '../support/processes.js';
import { tempFolder } from '../support/temp-folder.js';
import { watch } from '../support/watched-sidecar.js';

/** Compiles; nothing needs to be started for that. */
async function outcomeOf(config: SidecarConfig) {
  const watched = watch({ ...config, process: { command: 'no-such-program-8b1e' } }).start();
  const { outcome } = await watched.next('compiled');
  await watched.next('stopped');
  return outcome;
}

/** A folder with sources from a minute ago, compiled once. */
async function compiledFolder() {
  const cwd = await tempFolder();
  for (const name of ['main.txt', 'other.txt']) await writeLongAgo(join(cwd, name));
  expect(await outcomeOf(incrementalConfig(cwd))).toBe('compiled');
  return cwd;
}

async function writeLongAgo(path: string): Promise<void> {
  await writeFile(path, 'source');
  const minuteAgo = new Date(Date.now() - 60_000);
  await utimes(path, minuteAgo, minuteAgo);
}

describe('a compilation with inputs and outputs', () => {
  it('is skipped when its outputs are up to date, also by another sidecar', async () => {
    const cwd = await compiledFolder();
    expect(await outcomeOf(incrementalConfig(cwd))).toBe('skipped');
    const watched = await watch(incrementalConfig(cwd)).run();
    expect(watched.all('compiled').map(({ outcome }) => outcome)).toEqual(['skipped']);
    await watched.stopsCleanly();
  });

  it.each<[string, (cwd: string) => Promise<SidecarConfig | undefined>]>([
    ['an input changes', async (cwd) => void (await appendFile(join(cwd, 'main.txt'), 'more'))],
    ['an input appears', async (cwd) => void (await writeFile(join(cwd, 'new.txt'), ''))],
    ['an old input appears', async (cwd) => void (await writeLongAgo(join(cwd, 'new.txt')))],
    ['an input is removed', async (cwd) => void (await rm(join(cwd, 'other.txt')))],
    ['the output is missing', async (cwd) => void (await rm(join(cwd, 'build/main.txt')))],
    ['an argument changes', async (cwd) => incrementalConfig(cwd, ['--lines=1'])],
    [
      'a variable changes',
      async (cwd) => {
        const config = incrementalConfig(cwd);
        return config.compile && { ...config, compile: { ...config.compile, env: { MODE: 'release' } } };
      },
    ],
  ])('is done when %s', async (_, change) => {
    const cwd = await compiledFolder();
    const config = (await change(cwd)) ?? incrementalConfig(cwd);
    expect(await outcomeOf(config)).toBe('compiled');
    expect(await outcomeOf(config)).toBe('skipped');
  });

  it('is done again when an input changed while it was compiled', async () => {
    const cwd = await tempFolder();
    await writeLongAgo(join(cwd, 'main.txt'));
    const config = incrementalConfig(cwd, ['--lines=1', '--sleep=100']);
    const watched = watch(config);
    // The output is younger than this change, which nevertheless came too late.
    const changed = watched.printed('compiling 1').then(() => {
      const now = new Date();
      return utimes(join(cwd, 'main.txt'), now, now);
    });
    watched.start();
    await changed;
    await watched.next('compiled');
    await watched.stopsCleanly();
    expect(await outcomeOf(config)).toBe('compiled');
    expect(await outcomeOf(config)).toBe('skipped');
  });

  it('is done again after one that failed', async () => {
    const cwd = await compiledFolder();
    await appendFile(join(cwd, 'main.txt'), 'more');
    const failing = incrementalConfig(cwd, ['--exitCode=1']);
    const watched = watch(failing).start();
    await watched.next('compile-failed');
    await watched.next('stopped');
    expect(await outcomeOf(incrementalConfig(cwd))).toBe('compiled');
  });

  it('runs once for two sidecars that start together', async () => {
    const cwd = await tempFolder();
    await writeLongAgo(join(cwd, 'main.txt'));
    const config = incrementalConfig(cwd, ['--sleep=200', '--lines=1']);
    const both = [watch(config), watch(config)];
    let most = 0;
    for (const watched of both) {
      watched.sidecar.on('output', ({ source }) => {
        if (source !== 'compile') return;
        const runId = process.env[RUN_MARK] ?? '';
        const compilers = findMarked(RUN_MARK, runId).filter(({ command }) =>
          command.includes('--sleep=200'),
        );
        most = Math.max(most, compilers.length);
      });
      watched.start();
    }
    const outcomes = await Promise.all(both.map((watched) => watched.next('compiled')));
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['compiled', 'skipped']);
    expect(most).toBeLessThanOrEqual(1);
    for (const watched of both) {
      await watched.next('healthy');
      await watched.stopsCleanly();
    }
  });
});
