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
  readonly #end: () => void;

  constructor(service: Service) {
    this.#end = service.listen((event) => {
      if (event.type !== 'output') return;
      const { sidecar, time, source, line } = event;
      this.#ringOf(sidecar).add({ time, source, line });
    });
  }

  of(name: string, count: number): readonly RecentLine[] {
    return this.#bySidecar.get(name)?.last(count) ?? [];
  }

  close(): void {
    this.#end();
  }

  #ringOf(name: string): LineRing<RecentLine> {
    const ring = this.#bySidecar.get(name) ?? new LineRing<RecentLine>();
    this.#bySidecar.set(name, ring);
    return ring;
  }
}
