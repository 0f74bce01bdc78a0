import { LineRing } from '../output/line-ring.js';
import type { Service } from './service.js';

/** One line that a sidecar, or its compiler, has printed. */
export interface RecentLine {
  /** Unix time in milliseconds. */
  readonly time: number;
  readonly source: 'compile' | 'process';
  readonly line: string;
}

/** The last lines of each sidecar, for those who come later. */
export class RecentLines {
  readonly #bySidecar = new Map<string, LineRing<RecentLine>>();
  readonly #endings: readonly (() => void)[];

  constructor({ members }: Service) {
    this.#endings = members.map(({ name, sidecar }) => {
      const ring = new LineRing<RecentLine>();
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
