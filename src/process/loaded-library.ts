import type { LoadedLibrary } from '../../machines/sidecar.types.js';

/** A function of a shared library, as koffi makes it. */
export interface NativeFunction {
  (...args: readonly unknown[]): unknown;
  /**
   * Calls it on a thread of the libuv pool; the last argument is a callback of an error or null, and the result. A
   * variadic function has none.
   */
  readonly async?: (...args: readonly unknown[]) => void;
}

/** What may be called in a library. */
export interface LibraryFunctions {
  readonly functions: ReadonlyMap<string, NativeFunction>;
  readonly health: { readonly symbol: string; readonly run: NativeFunction } | null;
}

const NOTHING: LibraryFunctions = { functions: new Map(), health: null };

/** A function was called after its library was unloaded, or while that is under way. Nothing was called. */
export class LibraryUnloadedError extends Error {
  override readonly name = 'LibraryUnloadedError';

  constructor(path: string) {
    super(
      `The incarnation is over: ${path} was unloaded, and nothing was called. Take the library of the present one.`,
    );
  }
}

/**
 * The functions of one incarnation's library. It counts the calls under way on the pool, so that nothing is unloaded
 * below them, and keeps every later call from koffi, which would crash the host.
 */
export class GuardedLibrary implements LoadedLibrary {
  readonly #path: string;
  readonly #idle: Promise<void>;
  #callable: LibraryFunctions;
  #callsUnderWay = 0;
  #isClosed = false;
  #settleIdle: () => void = () => {};

  constructor(path: string, callable: LibraryFunctions) {
    this.#path = path;
    this.#callable = callable;
    this.#idle = new Promise((resolve) => {
      this.#settleIdle = resolve;
    });
  }

  /**
   * Calls a function on this thread: the host waits for it.
   *
   * @throws {LibraryUnloadedError} when the incarnation is over.
   * @throws {Error} when `direct.functions` has no such function; and what koffi makes of unfit arguments.
   */
  call(symbol: string, ...args: readonly unknown[]): unknown {
    return this.#find(symbol)(...args);
  }

  /**
   * Calls a function on a thread of the libuv pool, which by default has four. A library is unloaded only once all
   * such calls are done.
   *
   * @throws {LibraryUnloadedError} when the incarnation is over.
   * @throws {Error} when there is no such function, or it is variadic; and what koffi makes of unfit arguments, or of
   * more calls at a time than its `max_async_calls`.
   */
  async callAsync(symbol: string, ...args: readonly unknown[]): Promise<unknown> {
    const native = this.#find(symbol);
    this.#callsUnderWay += 1;
    try {
      return await onPool(symbol, native, args);
    } finally {
      this.#leave();
    }
  }

  check(): void {
    this.#requireOpen();
    const { health } = this.#callable;
    if (health === null) return;
    const returned = health.run();
    if (returned !== 0) throw new Error(`its health function ${health.symbol}() returned ${returned}, not 0`);
  }

  /**
   * Lets no further call in. Resolves once none is under way on the pool, and never at once: when a callback from the
   * library stops the sidecar, the library is still on the stack.
   */
  close(): Promise<void> {
    this.#callable = NOTHING;
    this.#isClosed = true;
    this.#tellWhenIdle();
    return this.#idle;
  }

  #find(symbol: string): NativeFunction {
    const native = this.#callable.functions.get(symbol);
    return native ?? this.#refuse(symbol);
  }

  #refuse(symbol: string): never {
    this.#requireOpen();
    const known = [...this.#callable.functions.keys()];
    const list = known.length === 0 ? 'it is empty' : `known are ${known.join(', ')}`;
    throw new Error(`direct.functions has no function "${symbol}"; ${list}`);
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new LibraryUnloadedError(this.#path);
  }

  #leave(): void {
    this.#callsUnderWay -= 1;
    this.#tellWhenIdle();
  }

  #tellWhenIdle(): void {
    if (this.#isClosed && this.#callsUnderWay === 0) this.#settleIdle();
  }
}

function onPool(symbol: string, native: NativeFunction, args: readonly unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (native.async === undefined) {
      throw new Error(`${symbol} takes any number of arguments, so it can only be called with call()`);
    }
    native.async(...args, (error: unknown, result: unknown) => {
      if (error === null) resolve(result);
      else reject(error);
    });
  });
}
