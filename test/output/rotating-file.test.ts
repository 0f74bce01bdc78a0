import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RotatingFile } from '../../src/output/rotating-file.js';
import { tempFolder } from '../support/temp-folder.js';

const KIB = 1024;

/** A file that tells of its trouble here. */
function rotatingFile(file: string, { maxBytes = 4 * KIB, files = 3 } = {}) {
  const failures: string[] = [];
  const trouble = {
    onFailure: ({ message }: Error) => void failures.push(message),
    describeDropped: (count: number) => `${count} missing`,
  };
  const rotating = new RotatingFile({ file, maxBytes, files }, trouble, 20);
  onTestFinished(() => rotating.close());
  return { rotating, failures };
}

const linesOf = (path: string) => readFileSync(path, 'utf8').split('\n').slice(0, -1);

describe('a rotating file', () => {
  it('keeps every line in order, in files that are never larger than they may be', async () => {
    const folder = await tempFolder();
    const { rotating } = rotatingFile(join(folder, 'logs/a.log'), { files: 100 });
    const lines = Array.from({ length: 1000 }, (_, index) => `line ${index} ${'ü'.repeat(index % 50)}`);
    for (const line of lines) rotating.write(line);
    await rotating.letGo();
    const names = readdirSync(join(folder, 'logs'));
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) expect(statSync(join(folder, 'logs', name)).size).toBeLessThanOrEqual(4 * KIB);
    const oldestFirst = names.toSorted((left, right) => ageOf(right) - ageOf(left));
    expect(oldestFirst.flatMap((name) => linesOf(join(folder, 'logs', name)))).toEqual(lines);
    expect(statSync(join(folder, 'logs/a.log')).mode & 0o777).toBe(0o600);
  });

  it.each([1, 2, 3])('keeps at most %i files', async (files) => {
    const folder = await tempFolder();
    const { rotating, failures } = rotatingFile(join(folder, 'a.log'), { files });
    for (let line = 0; line < 5000; line += 1) rotating.write(`line ${line}`);
    await rotating.letGo();
    expect(readdirSync(folder)).toHaveLength(files);
    expect(linesOf(join(folder, 'a.log')).at(-1)).toBe('line 4999');
    expect(failures).toEqual([]);
  });

  it('goes on where an earlier run ended, and counts what is there', async () => {
    const folder = await tempFolder();
    const file = join(folder, 'a.log');
    writeFileSync(file, `${'x'.repeat(4000)}\n`);
    const { rotating } = rotatingFile(file);
    rotating.write('short');
    await rotating.letGo();
    rotating.write('y'.repeat(200));
    await rotating.letGo();
    expect(linesOf(`${file}.1`)).toEqual(['x'.repeat(4000), 'short']);
    expect(linesOf(file)).toEqual(['y'.repeat(200)]);
  });

  it('cuts a line that no file has room for', async () => {
    const file = join(await tempFolder(), 'a.log');
    const { rotating } = rotatingFile(file);
    rotating.write('€'.repeat(60_000));
    rotating.write('next');
    await rotating.letGo();
    const [long = ''] = [...linesOf(`${file}.1`), ...linesOf(file)];
    expect(long).toMatch(/^€{1000,}…$/);
    expect(linesOf(file).at(-1)).toBe('next');
  });

  it('has every line when it is closed, however late it came', async () => {
    const folder = await tempFolder();
    for (let round = 0; round < 100; round += 1) {
      const file = join(folder, `${round}.log`);
      const { rotating, failures } = rotatingFile(file);
      rotating.write('one');
      void rotating.letGo();
      for (let tick = 0; tick < round * 3; tick += 1) await new Promise(setImmediate);
      rotating.write('two');
      await rotating.close();
      expect([linesOf(file), failures]).toEqual([['one', 'two'], []]);
    }
    expect(readdirSync(folder)).toHaveLength(100);
  });

  it('writes at once what waits when the host exits', async () => {
    const file = join(await tempFolder(), 'a.log');
    const { rotating } = rotatingFile(file);
    rotating.write('one');
    rotating.write('two');
    rotating.flushAtExit();
    expect(linesOf(file)).toEqual(['one', 'two']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('belongs to one sidecar at a time', async () => {
    const file = join(await tempFolder(), 'a.log');
    const [one, two] = [rotatingFile(file), rotatingFile(file)];
    one.rotating.write('one');
    await expect.poll(() => linesOf(file)).toEqual(['one']);
    two.rotating.write('two');
    await expect.poll(() => two.failures).toEqual(['another sidecar of this program writes to it already']);
    await one.rotating.letGo();
    await expect.poll(() => linesOf(file)).toEqual(['one', 'two']);
  });
});

describe('a file that can not be written', () => {
  it('is tried again, and no line is lost while they fit into memory', async () => {
    const folder = join(await tempFolder(), 'logs');
    // Something else is where the folder should be.
    writeFileSync(folder, '');
    const file = join(folder, 'a.log');
    const { rotating, failures } = rotatingFile(file);
    for (const line of ['one', 'two']) rotating.write(line);
    await expect.poll(() => failures.length).toBe(1);
    rotating.write('three');
    await rm(folder);
    await expect.poll(() => readdirSync(folder, { recursive: true })).toEqual(['a.log']);
    await rotating.letGo();
    expect(linesOf(file)).toEqual(['one', 'two', 'three']);
    expect(failures).toHaveLength(1);
  });

  it('does not fill the memory: lines are dropped, and counted where they are missing', async () => {
    const folder = join(await tempFolder(), 'logs');
    writeFileSync(folder, '');
    const { rotating, failures } = rotatingFile(join(folder, 'a.log'), { maxBytes: 100_000_000 });
    const line = 'x'.repeat(10_000);
    for (let count = 0; count < 1000; count += 1) rotating.write(line);
    await expect.poll(() => failures.length).toBe(1);
    await rm(folder);
    // The next attempt may have made it already.
    mkdirSync(folder, { recursive: true });
    await expect.poll(() => readdirSync(folder)).toEqual(['a.log']);
    await rotating.letGo();
    const lines = linesOf(join(folder, 'a.log'));
    const kept = lines.filter((each) => each === line).length;
    expect(kept).toBeLessThan(110);
    expect(lines.at(-1)).toBe(`${1000 - kept} missing`);
    expect(lines).toHaveLength(kept + 1);
  });
});

describe('a full disk', () => {
  const mounted = tryTmpfs();

  it.skipIf(mounted === null)('loses no half line, and says what is missing once there is room', async () => {
    const disk = await tempFolder();
    mount(disk, '128k');
    const filler = join(disk, 'filler');
    writeFileSync(filler, Buffer.alloc(64 * KIB));
    const file = join(disk, 'a.log');
    const { rotating, failures } = rotatingFile(file, { maxBytes: 100 * KIB, files: 1 });
    const line = (index: number) => `${index} ${'x'.repeat(990)}`;
    for (let index = 0; index < 3000; index += 1) rotating.write(line(index));
    await expect.poll(() => failures.length, { timeout: 10_000 }).toBe(1);
    expect(failures[0]).toContain('ENOSPC');
    // Every line in the file is whole.
    for (const each of linesOf(file)) expect(each).toMatch(/^\d+ x{990}$/);

    // A larger disk.
    await rm(filler);
    execFileSync('mount', ['-o', 'remount,size=16m', disk]);
    await expect.poll(() => linesOf(file).at(-1), { timeout: 10_000 }).toMatch(/^\d+ missing$/);
    rotating.write('the end');
    await expect.poll(() => linesOf(file).at(-1)).toBe('the end');
    expect(failures).toHaveLength(1);
  });

  function tryTmpfs(): string | null {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) {
      console.log('skipped: a small disk of its own needs root on Linux');
      return null;
    }
    const probe = join('/tmp', `sm-tmpfs-${process.pid}`);
    mkdirSync(probe);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', probe], { stdio: 'pipe' });
      execFileSync('umount', [probe]);
      return probe;
    } catch (error) {
      console.log(`skipped: no tmpfs may be mounted here: ${String(error)}`);
      return null;
    } finally {
      void rm(probe, { recursive: true, force: true });
    }
  }

  function mount(folder: string, size: string): void {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
    onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  }
});

function ageOf(name: string): number {
  return Number(/\.(\d+)$/.exec(name)?.[1] ?? 0);
}
