import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SidecarConfig } from '../../src/index.js';
import { answerIn } from '../../src/watch/reload-on-save.js';
import { compilerConfig } from '../support/compile-config.js';
import { serverArgs } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { watch } from '../support/watched-sidecar.js';

interface Options {
  readonly compiler?: readonly string[];
  readonly delay?: number;
  readonly process?: Partial<SidecarConfig['process']>;
}

/** A project whose `main.txt` is compiled, in a folder that is watched. */
async function project({ compiler = [], delay = 50, process = {} }: Options = {}) {
  const cwd = await tempFolder();
  const config = compilerConfig(
    ['--input=main.txt', '--output=build/main.txt', ...compiler],
    { cwd },
    { watch: { paths: ['**/*.txt'], ignore: ['build'], cwd, delay }, process },
  );
  return {
    watched: watch(config),
    save: (text: string, file = 'main.txt') => writeFile(join(cwd, file), text),
    remove: () => rm(join(cwd, 'main.txt')),
    built: () => readFile(join(cwd, 'build/main.txt'), 'utf8'),
  };
}

describe('a sidecar whose sources are watched', () => {
  it('is reloaded when one of them is saved', async () => {
    const { watched, save, built } = await project();
    await save('one');
    await watched.run();
    const { pid } = watched;
    await save('two');
    await watched.entered('restarting.recompiling');
    await watched.next('healthy', ({ generation }) => generation === 2);
    expect(watched.pid).not.toBe(pid);
    expect(await built()).toBe('two');
    expect(watched.states()).toEqual([
      'compiling',
      'spawning',
      'waitingHealthy',
      'running',
      'restarting.recompiling',
      'restarting.terminating',
      'restarting.deciding',
      'spawning',
      'waitingHealthy',
      'running',
    ]);
    await watched.stopsCleanly();
  });

  it('is reloaded once for many that are saved together', async () => {
    const { watched, save, built } = await project({ delay: 1000 });
    await save('one');
    await watched.run();
    for (let saves = 1; saves <= 20; saves += 1)
      await save(`burst ${saves}`, saves < 20 ? `${saves}.txt` : 'main.txt');
    await watched.next('healthy', ({ generation }) => generation === 2);
    expect(await built()).toBe('burst 20');
    // Were there another reload to come, it would be in here.
    await save('last');
    await watched.next('healthy', ({ generation }) => generation === 3);
    expect(watched.states().filter((state) => state === 'restarting.recompiling')).toHaveLength(2);
    await watched.stopsCleanly();
  });

  it('serves on when they do not compile, says why, and is reloaded once they do', async () => {
    const { watched, save, remove, built } = await project();
    await save('one');
    await watched.run();
    const { pid } = watched;
    await remove();
    const { failure } = await watched.next('compile-failed');
    expect(failure.tail.join('\n')).toContain('no such file');
    await watched.entered('running');
    expect(watched.pid).toBe(pid);
    expect((await watched.sidecar.fetch('/health')).status).toBe(200);
    await save('mended');
    await watched.next('healthy', ({ generation }) => generation === 2);
    expect(await built()).toBe('mended');
    await watched.stopsCleanly();
  });

  it('is compiled anew when one is saved while it is compiled', async () => {
    const { watched, save, built } = await project({ compiler: ['--sleep=500'] });
    await save('one');
    await watched.run();
    await save('two');
    await watched.entered('restarting.recompiling');
    await save('three');
    await watched.next('healthy', ({ generation }) => generation > 1);
    while ((await built()) !== 'three') await watched.next('healthy');
    await watched.stopsCleanly();
  });

  it('is reloaded once more when one is saved while the new process comes up', async () => {
    const { watched, save, built } = await project({ process: { args: serverArgs({ listenAfter: 500 }) } });
    await save('one');
    await watched.run();
    await save('two');
    await watched.entered('restarting.recompiling');
    await watched.entered('waitingHealthy');
    await save('three');
    await watched.next('healthy', ({ generation }) => generation === 2);
    await watched.next('healthy', ({ generation }) => generation === 3);
    expect(await built()).toBe('three');
    await watched.stopsCleanly();
  });

  it('is started by a save once it has stopped because they did not compile', async () => {
    const { watched, save, built } = await project();
    watched.start();
    await watched.next('stopped', ({ reason }) => reason === 'compile-failed');
    await save('mended');
    await watched.next('healthy');
    expect(await built()).toBe('mended');
    await watched.stopsCleanly();
  });

  it('is left alone in every state in which a reload would cost it the process, or is not wanted', () => {
    const ways = ['spawning', 'waitingHealthy', 'restarting.terminating', 'restarting.killing'] as const;
    expect(ways.map((state) => answerIn(state, null))).toEqual(ways.map(() => 'later'));
    expect(answerIn('stopping.terminating', null)).toBe('nothing');
    const wanted = ['requested', 'lazy', 'idle', 'taken', 'unkillable'] as const;
    expect(wanted.map((reason) => answerIn('stopped', reason))).toEqual(wanted.map(() => 'nothing'));
    expect(answerIn('stopped', 'restarts-exhausted')).toBe('START');
    expect(answerIn('restarting.backingOff', null)).toBe('RELOAD');
  });

  it('warns when they can not be watched', async () => {
    const { watched, save } = await project();
    await save('one');
    await watched.run();
    watched.sidecar.actor.send({ type: 'watch.failed', error: 'ENOSPC' });
    expect((await watched.next('warning')).message).toContain('ENOSPC');
    await watched.stopsCleanly();
  });
});
