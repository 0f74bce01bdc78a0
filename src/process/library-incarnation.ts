import type { ProcessReport } from '../../machines/sidecar.types.js';
import type { ResolvedSidecarConfig } from '../config/schema.js';
import { findLibrary, PrivateCopy } from './library-file.js';
import { GuardedLibrary } from './loaded-library.js';
import { importKoffi, type NativeLibrary, openLibrary } from './native-library.js';
import { describeSpawnFailure } from './spawn-failure.js';

type Phase =
  | { readonly type: 'preparing' }
  | {
      readonly type: 'loaded';
      readonly native: NativeLibrary;
      readonly guarded: GuardedLibrary;
      readonly copy: PrivateCopy;
    }
  /** No call is let in any more; those under way are waited for. */
  | { readonly type: 'ending' }
  | { readonly type: 'gone' };

/**
 * A shared library in this very process, from its preparation until it is unloaded: what `Incarnation` is for a
 * process. The pid that it reports is that of the host, and nothing here may ever signal it.
 */
export class LibraryIncarnation {
  readonly ended: Promise<void>;
  readonly #config: ResolvedSidecarConfig;
  readonly #generation: number;
  readonly #report: (report: ProcessReport) => void;
  #phase: Phase = { type: 'preparing' };
  #settleEnded: () => void = () => {};

  constructor(config: ResolvedSidecarConfig, generation: number, report: (report: ProcessReport) => void) {
    this.#config = config;
    this.#generation = generation;
    this.#report = report;
    this.ended = new Promise((resolve) => {
      this.#settleEnded = resolve;
    });
    void this.#start();
  }

  /** Lets no call in any more, and unloads the library once those under way are done. */
  terminate(): void {
    if (this.#phase.type === 'preparing') this.#giveUp();
    if (this.#phase.type === 'loaded') void this.#unload(this.#phase);
  }

  /**
   * Does what `terminate` does: a thread in a library can't be ended from outside. With a call that hangs, nothing is
   * unloaded and nothing reported, and the chart's `killTimeout` says that it is unkillable; should the call end after
   * all, the end is reported then.
   */
  kill(): void {
    this.terminate();
  }

  async #start(): Promise<void> {
    const { process } = this.#config;
    try {
      const path = await findLibrary(process);
      const koffi = await importKoffi();
      const copy = await PrivateCopy.of(path);
      try {
        // Once loaded, some libraries can never be unloaded.
        if (this.#phase.type !== 'preparing') return;
        this.#adopt(path, openLibrary(koffi, copy.path, path, this.#config.direct), copy);
      } finally {
        copy.remove();
      }
    } catch (error) {
      const failure = await describeSpawnFailure(error, this.#config);
      if (this.#phase.type !== 'preparing') return;
      this.#finish({ type: 'process.failed', generation: this.#generation, failure });
    }
  }

  #adopt(path: string, native: NativeLibrary, copy: PrivateCopy): void {
    const guarded = new GuardedLibrary(path, native);
    this.#phase = { type: 'loaded', native, guarded, copy };
    this.#report({
      type: 'process.spawned',
      generation: this.#generation,
      pid: process.pid,
      endpoint: { transport: 'direct', library: path },
      library: guarded,
    });
  }

  #giveUp(): void {
    this.#finish({
      type: 'process.failed',
      generation: this.#generation,
      failure: { code: 'ABORTED', message: 'it was stopped before it was loaded', permanent: false },
    });
  }

  async #unload({ native, guarded, copy }: Extract<Phase, { type: 'loaded' }>): Promise<void> {
    this.#phase = { type: 'ending' };
    await guarded.close();
    native.unload();
    copy.remove();
    this.#finish({
      type: 'process.exited',
      generation: this.#generation,
      exit: { code: 0, signal: null, pid: process.pid, tail: [], outOfMemory: null },
      survivors: 0,
    });
  }

  #finish(report: ProcessReport): void {
    this.#phase = { type: 'gone' };
    this.#report(report);
    this.#settleEnded();
  }
}
