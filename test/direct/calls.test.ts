import koffi from 'koffi';
import { describe, expect, it } from 'vitest';
import { LibraryUnloadedError } from '../../src/index.js';
import { rejection } from '../support/outcome.js';
import { watch } from '../support/watched-sidecar.js';
import { ARITHMETIC, libraryConfig, libraryOf } from './library-config.js';
import { arithmeticLibrary, hasC } from './toolchains.js';

// Types are named once in a process, before the prototypes that use them.
koffi.struct('Size', { width: 'double', height: 'double' });
koffi.proto('int Transform(int value)');

describe.runIf(hasC)('a function of a loaded library', () => {
  const arithmetic = arithmeticLibrary();

  async function load(functions: Readonly<Record<string, string>> = ARITHMETIC) {
    const watched = watch(libraryConfig(arithmetic.path, { direct: { functions } }));
    await watched.run();
    return { watched, library: libraryOf(watched.sidecar) };
  }

  it('is called with numbers, strings and structs', async () => {
    const { library } = await load({ ...ARITHMETIC, area: 'double area(Size size)' });
    expect(library.call('add', 2, 40)).toBe(42);
    expect(library.call('greet', 'Ada')).toBe('Hello, Ada!');
    expect(library.call('area', { width: 3, height: 1.5 })).toBe(4.5);
    expect(library.call('sum', 2, 'int', 4, 'int', 5)).toBe(9);
  });

  it('is called on a thread of the pool', async () => {
    const { library } = await load();
    expect(await library.callAsync('add', 2, 40)).toBe(42);
    const sums = await Promise.all(
      Array.from({ length: 50 }, (_, index) => library.callAsync('add', index, 1)),
    );
    expect(sums).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  });

  it('must be one of those that are configured', async () => {
    const { library } = await load({ add: ARITHMETIC.add, count: ARITHMETIC.count });
    const message = 'direct.functions has no function "sum"; known are add, count';
    expect(() => library.call('sum', 1)).toThrow(message);
    expect((await rejection(library.callAsync('sum', 1))).message).toBe(message);
    expect(() => library.call('constructor')).toThrow('has no function "constructor"');
  });

  it('refuses unfit arguments, and goes on', async () => {
    const { watched, library } = await load();
    expect(() => library.call('add', 1)).toThrow('Expected 2 arguments, got 1');
    expect(() => library.call('add', 'one', 2)).toThrow('expected number');
    expect((await rejection(library.callAsync('add', 1))).message).toContain('Expected');
    expect((await rejection(library.callAsync('add', 'one', 2))).message).toContain('expected number');
    expect((await rejection(library.callAsync('sum', 1, 'int', 1))).message).toContain(
      'any number of arguments',
    );
    expect(library.call('add', 1, 2)).toBe(3);
    // None of them counts as under way, which would be waited for.
    await watched.stopsCleanly();
  });

  it('throws once the incarnation is over, also when a new one serves', async () => {
    const { watched, library } = await load();
    await watched.sidecar.restart();
    expect(() => library.call('add', 1, 2)).toThrow(LibraryUnloadedError);
    expect(() => library.call('unknown')).toThrow(LibraryUnloadedError);
    expect(() => library.check()).toThrow(LibraryUnloadedError);
    expect(await rejection(library.callAsync('add', 1, 2))).toBeInstanceOf(LibraryUnloadedError);
    expect(() => library.call('add', 1, 2)).toThrow(
      `The incarnation is over: ${arithmetic.path} was unloaded, and nothing was called.`,
    );
    expect(libraryOf(watched.sidecar).call('add', 1, 2)).toBe(3);
  });

  it('may stop its own sidecar from a callback, with the library still on the stack', async () => {
    const { watched, library } = await load({ apply: 'int apply(Transform *transform, int value)' });
    let stopping: Promise<void> | null = null;
    const stopAndDouble = (value: number) => {
      stopping = watched.sidecar.stop();
      expect(() => library.call('apply', stopAndDouble, 1)).toThrow(LibraryUnloadedError);
      expect(watched.all('stopped')).toEqual([]);
      return value * 2;
    };
    expect(library.call('apply', stopAndDouble, 4)).toBe(9);
    await stopping;
    expect(watched.sidecar.status()).toMatchObject({ state: 'stopped', reason: 'requested', pid: null });
  });
});
