import type { LibraryHandle } from 'koffi';
import type { DirectConfig } from '../config/schema.js';
import type { LibraryFunctions, NativeFunction } from './loaded-library.js';
import { SpawnError } from './spawn-failure.js';

type Koffi = typeof import('koffi');

/** A library in the memory of this process, with every function that was configured. */
export interface NativeLibrary extends LibraryFunctions {
  /** A function that is called, or still runs, after this crashes the process. */
  unload(): void;
}

/**
 * Imports koffi, which is an optional peer dependency.
 *
 * @throws {SpawnError} when it is not installed, or not made for this platform.
 */
export async function importKoffi(): Promise<Koffi> {
  try {
    return await import('koffi');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') {
      throw permanent('KOFFI_MISSING', 'the transport "direct" needs the package koffi: npm install koffi');
    }
    throw permanent('KOFFI_UNUSABLE', `the package koffi can't be loaded: ${explain(error)}`);
  }
}

/**
 * Loads a library and resolves all its functions, so that a mistake shows before the first call.
 *
 * @param path what is loaded
 * @param origin the file that the user knows
 * @throws {SpawnError} when it is no library of this platform, lacks a symbol, or a prototype is wrong.
 */
export function openLibrary(koffi: Koffi, path: string, origin: string, direct: DirectConfig): NativeLibrary {
  const handle = loadHandle(koffi, path, origin);
  try {
    const functions = new Map(
      Object.entries(direct.functions).map(([symbol, prototype]) => [
        symbol,
        resolveFunction(handle, origin, { setting: `direct.functions.${symbol}`, symbol, prototype }),
      ]),
    );
    return { functions, health: resolveHealth(handle, origin, direct), unload: () => handle.unload() };
  } catch (error) {
    handle.unload();
    throw error;
  }
}

function loadHandle(koffi: Koffi, path: string, origin: string): LibraryHandle {
  try {
    return koffi.load(path);
  } catch (error) {
    const problem = explain(error)
      .replace(/^Failed to load shared library: /, '')
      .replaceAll(path, origin);
    throw permanent('LIBRARY_UNUSABLE', `${origin} can't be loaded as a shared library: ${problem}`);
  }
}

function resolveHealth(handle: LibraryHandle, origin: string, { health }: DirectConfig) {
  if (health === undefined) return null;
  const named = { setting: 'direct.health', symbol: health, prototype: `int ${health}(void)` };
  return { symbol: health, run: resolveFunction(handle, origin, named) };
}

interface NamedFunction {
  readonly setting: string;
  readonly symbol: string;
  readonly prototype: string;
}

function resolveFunction(handle: LibraryHandle, origin: string, named: NamedFunction): NativeFunction {
  const { setting, symbol, prototype } = named;
  try {
    return handle.func(prototype);
  } catch (error) {
    if (hasSymbol(handle, symbol)) {
      const problem = `"${prototype}" is not the prototype of ${symbol}: ${explain(error)}`;
      throw permanent('PROTOTYPE_INVALID', `${setting}: ${problem}`);
    }
    const hint = 'is it exported (extern "C" in C++, //export in Go)?';
    throw permanent('SYMBOL_MISSING', `${setting}: ${origin} has no symbol "${symbol}"; ${hint}`);
  }
}

function hasSymbol(handle: LibraryHandle, symbol: string): boolean {
  try {
    handle.symbol(symbol);
    return true;
  } catch {
    // That is how koffi says no.
    return false;
  }
}

function permanent(code: string, message: string): SpawnError {
  return new SpawnError({ code, message, permanent: true });
}

function explain(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
