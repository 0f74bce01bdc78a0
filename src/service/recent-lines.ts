import { LineRing, type RecentLine } from './line-ring.js';
import type { Service } from './service.js';

/** The last lines of each sidecar, for those who come later. */
export class RecentLines {
  readonly #bySidecar = new Map<string, LineRing>();
  readonly #endings: readonly (() => void)[];

  constructor({ members }: Service) {
    this.#endings = members.map(({ name, sidecar }) => {
      const ring = new LineRing();
      this.#bySidecar.set(name, ring);
      return sidecar.on('output', ({ source, line }) => ring.add({ time: Date.now(), source, line }));
    });
  }

  of(name: string, count: number): readonly RecentLine[] {
    return this.#bySidecar.get(name)?.last(count) ?? [];
  }

  close(): void {
    for (const end of this.#endings) end();
  }
}
