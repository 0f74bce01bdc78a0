import { closeSync, fstatSync, openSync, readdirSync, type Stats, statSync } from 'node:fs';

/**
 * How many file descriptors a process has open (Linux).
 *
 * @throws {Error} with ENOENT when there is no such process, EACCES when it is another user's.
 */
export function countFileDescriptors(pid: number): number {
  const folder = folderOf(pid);
  return countIn(folder, statSync(folder));
}

/** The same for one process that is counted very often: its folder is looked up only once, which is most of the cost. */
export class DescriptorCounter {
  readonly #folder: string;
  readonly #descriptor: number;

  /** @throws {Error} as `countFileDescriptors`, and when no descriptor is left for this. */
  constructor(pid: number) {
    this.#folder = folderOf(pid);
    this.#descriptor = openSync(this.#folder, 'r');
  }

  /** @throws {Error} when the process has ended. */
  count(): number {
    return countIn(this.#folder, fstatSync(this.#descriptor));
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

function folderOf(pid: number): string {
  return `/proc/${pid}/fd`;
}

/** Since Linux 6.2 the folder's size is the count, at a fraction of the cost of listing it; before, it is 0. */
function countIn(folder: string, { size }: Stats): number {
  return size > 0 ? size : readdirSync(folder).length;
}
