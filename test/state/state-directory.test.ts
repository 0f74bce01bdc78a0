import { chmod, lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StateDirectory } from '../../src/state/state-directory.js';
import { rejection } from '../support/outcome.js';
import { canMount, smallDisk } from '../support/small-disk.js';
import { tempFolder } from '../support/temp-folder.js';

const modeOf = async (path: string) => ((await lstat(path)).mode & 0o777).toString(8);

describe('the state directory', () => {
  it('is made when it is needed, for this user only, as are its files', async () => {
    const path = join(await tempFolder(), 'sidecar-machine', 'api');
    const directory = new StateDirectory(path);
    expect(await directory.read('ledger.json')).toBeNull();
    await directory.write('ledger.json', '{}');
    expect(await directory.read('ledger.json')).toBe('{}');
    expect(await modeOf(join(path, '..'))).toBe('700');
    expect(await modeOf(path)).toBe('700');
    expect(await modeOf(directory.file('ledger.json'))).toBe('600');
    await directory.remove('ledger.json');
    await directory.remove('ledger.json');
    expect(await readdir(path)).toEqual([]);
  });

  it('replaces a file as a whole: nobody reads a part of it', async () => {
    const directory = new StateDirectory(join(await tempFolder(), 'api'));
    const texts = ['a', 'b', 'c'].map((letter) => letter.repeat(100_000));
    await directory.write('file', 'a'.repeat(100_000));
    const writing = Promise.all(texts.map((text) => directory.write('file', text)));
    for (let reads = 0; reads < 20; reads += 1) expect(texts).toContain(await directory.read('file'));
    await writing;
    expect(await readdir(directory.path)).toEqual(['file']);
  });

  it('adds lines to a file, and makes it for the first', async () => {
    const directory = new StateDirectory(join(await tempFolder(), 'api'));
    await directory.prepare();
    for (const line of ['one', 'two', 'three']) directory.appendNow('file', line);
    expect(await directory.read('file')).toBe('one\ntwo\nthree\n');
    expect(await modeOf(directory.file('file'))).toBe('600');
  });

  it('does not write through a link that has the name of a file', async () => {
    const folder = await tempFolder();
    const directory = new StateDirectory(join(folder, 'api'));
    await directory.prepare();
    await writeFile(join(folder, 'victim'), 'precious');
    await symlink(join(folder, 'victim'), directory.file('ledger.json'));
    expect(() => directory.appendNow('ledger.json', 'ours')).toThrow('ELOOP');
    await directory.write('ledger.json', 'ours');
    expect(await readFile(join(folder, 'victim'), 'utf8')).toBe('precious');
    expect(await directory.read('ledger.json')).toBe('ours');
  });

  it('is made again when it was removed meanwhile, at the second try at the latest', async () => {
    const directory = new StateDirectory(join(await tempFolder(), 'api'));
    await directory.write('file', 'one');
    await rm(directory.path, { recursive: true });
    expect(await rejection(directory.write('file', 'two'))).toMatchObject({ code: 'ENOENT' });
    await directory.write('file', 'two');
    expect(await directory.read('file')).toBe('two');
  });

  it('tells what is wrong when it can’t be made, and tries again', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'file'), '');
    const directory = new StateDirectory(join(folder, 'file', 'api'));
    expect(await rejection(directory.write('x', ''))).toMatchObject({ code: 'ENOTDIR' });
    await rm(join(folder, 'file'));
    await directory.write('x', '');
  });
});

describe.skipIf(process.platform === 'win32')('the state directory is refused when', () => {
  it('it is a link', async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, 'elsewhere'), { mode: 0o700 });
    await symlink(join(folder, 'elsewhere'), join(folder, 'api'));
    expect(await rejection(new StateDirectory(join(folder, 'api')).write('x', ''))).toMatchObject({
      name: 'UnsafeFolderError',
      message: expect.stringContaining('is a link'),
    });
    expect(await readdir(join(folder, 'elsewhere'))).toEqual([]);
  });

  it('it is in a link that somebody may have put into a folder of everybody', async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, 'tmp'));
    await chmod(join(folder, 'tmp'), 0o1777);
    await mkdir(join(folder, 'elsewhere'), { mode: 0o700 });
    await symlink(join(folder, 'elsewhere'), join(folder, 'tmp', 'sidecar-machine'));
    const directory = new StateDirectory(join(folder, 'tmp', 'sidecar-machine', 'api'));
    expect(await rejection(directory.prepare())).toMatchObject({ name: 'UnsafeFolderError' });
  });

  it('others can change what is in it', async () => {
    const path = join(await tempFolder(), 'api');
    await mkdir(path);
    await chmod(path, 0o770);
    expect(await rejection(new StateDirectory(path).prepare())).toMatchObject({
      message: expect.stringContaining('can be changed by other users'),
    });
  });

  it.skipIf(process.getuid?.() !== 0)('it belongs to another user', async () => {
    const { chown } = await import('node:fs/promises');
    const path = join(await tempFolder(), 'api');
    await mkdir(path, { mode: 0o700 });
    await chown(path, 65_534, 65_534);
    expect(await rejection(new StateDirectory(path).prepare())).toMatchObject({
      message: expect.stringContaining('belongs to the user 65534'),
    });
  });
});

describe.runIf(canMount)('a state directory on a full disk', () => {
  it('can still replace a file at once by what needs no more room, and by nothing else', async () => {
    const disk = await smallDisk();
    const directory = new StateDirectory(join(disk.folder, 'state'));
    await directory.write('page', 'a long text');
    disk.fill();
    directory.writeNow('page', 'short');
    expect(await directory.read('page')).toBe('short');
    expect(() => directory.writeNow('other', 'text')).toThrow();
    await expect(directory.write('page', 'text')).rejects.toThrow('ENOSPC');
    expect(await directory.list()).toEqual(['page']);
  });

  it('can still tell what is new in place of what was before', async () => {
    const disk = await smallDisk();
    const directory = new StateDirectory(join(disk.folder, 'state'));
    const lines = Array.from({ length: 4 }, () => `${'x'.repeat(1023)}\n`);
    await directory.write('full', lines.join(''));
    await directory.write('nearly', lines.join('').slice(0, -10));
    disk.fill();
    for (const page of ['full', 'nearly']) {
      directory.appendNow(page, 'news that are long');
      directory.appendNow(page, 'more');
      expect(await directory.read(page)).toBe('news that are long\nmore\n');
    }
    expect(() => directory.appendNow('other', 'text')).toThrow('ENOSPC');
  });
});
