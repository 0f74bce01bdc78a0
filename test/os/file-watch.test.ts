import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { watchFile } from '../../src/os/file-watch.js';
import { tempFolder } from '../support/temp-folder.js';
import { within } from '../support/within.js';

function watchCalls(path: string) {
  let calls = 0;
  let wake = () => {};
  const stop = watchFile(path, () => {
    calls += 1;
    wake();
  });
  onTestFinished(stop);
  return {
    stop,
    count: () => calls,
    next: () => within(new Promise<void>((resolve) => (wake = resolve)), () => 'a change'),
  };
}

describe('a watched file', () => {
  it('is told of when it is written, changed, replaced and removed', async () => {
    const folder = await tempFolder();
    const path = join(folder, 'file');
    const { next } = watchCalls(path);
    const changes = [
      () => writeFile(path, 'first'),
      () => writeFile(path, 'second one'),
      () => writeFile(join(folder, 'other'), 'third').then(() => rename(join(folder, 'other'), path)),
      () => rm(path),
    ];
    for (const change of changes) await Promise.all([next(), change()]);
  });

  it('may be in a folder that does not exist yet', async () => {
    const folder = join(await tempFolder(), 'later');
    const { next } = watchCalls(join(folder, 'file'));
    await mkdir(folder);
    await Promise.all([next(), writeFile(join(folder, 'file'), '')]);
  });

  it('is told of once when it is there already, and not while nothing happens to it', async () => {
    const folder = await tempFolder();
    const path = join(folder, 'file');
    await writeFile(path, '');
    const { next, count, stop } = watchCalls(path);
    await next();
    const before = count();
    await writeFile(join(folder, 'another'), '');
    // There is no event for nothing.
    await wait(500);
    expect(count()).toBe(before);
    stop();
    await writeFile(path, 'changed');
    await wait(200);
    expect(count()).toBe(before);
  });
});
