import type { Sidecar } from '../sidecar.js';

/** The sidecars of a fleet by the names of their processes, and those that are to take their place. */
export class Roster {
  #current: ReadonlyMap<string, Sidecar>;
  #next: (() => ReadonlyMap<string, Sidecar>) | null = null;
  /** Of those that were replaced. */
  readonly #endings = new Map<string, Promise<void>>();

  constructor(sidecars: ReadonlyMap<string, Sidecar>) {
    this.#current = sidecars;
  }

  get current(): ReadonlyMap<string, Sidecar> {
    return this.#current;
  }

  /** @param make makes the new ones, once the old ones are stopped; those that stay are in it, too */
  prepare(make: () => ReadonlyMap<string, Sidecar>): void {
    this.#next = make;
  }

  /** Gives up those that are not among the new ones. */
  adopt(): void {
    if (this.#next === null) throw new Error('The chart is wrong: there is nothing to adopt.');
    const before = this.#current;
    this.#current = this.#next();
    this.#next = null;
    for (const [name, sidecar] of before) {
      if (this.#current.get(name) === sidecar) continue;
      // What could not be killed was told when it was stopped.
      const end = giveUp(sidecar).catch(() => {});
      this.#endings.set(name, end);
      void end.then(() => this.#endings.delete(name));
    }
  }

  /** Resolves once nothing of an older one of this name writes to the same files; null when there is none. */
  whenFree(name: string): Promise<void> | null {
    return this.#endings.get(name) ?? null;
  }

  /** Gives up all of them. */
  async giveUp(): Promise<void> {
    await Promise.all([...this.#endings.values(), ...[...this.#current.values()].map(giveUp)]);
  }
}

async function giveUp(sidecar: Sidecar): Promise<void> {
  await sidecar[Symbol.asyncDispose]();
}
