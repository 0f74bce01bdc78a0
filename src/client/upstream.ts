import type { Pool } from 'undici';
import type { ProcessExit } from '../../machines/sidecar.types.js';
import { connectOptions, originOf } from '../os/address.js';
import { isExiting } from '../os/exiting.js';
import { Dependents } from './dependents.js';
import type { Server } from './serving.js';
import { undici } from './undici.js';

/**
 * The system closes the connections of a process that ends before it tells its parent; where that is seen to happen,
 * the news will come. In milliseconds.
 */
const LATE_NEWS = { perhaps: 10, certainly: 2000 };

/** What connections are destroyed with when the process has ended; each request is told in its own words. */
export class ProcessEnded extends Error {
  override readonly name = 'ProcessEnded';
}

/** The connections to one incarnation. */
export class Upstream {
  readonly server: Server;
  readonly pool: Pool;
  readonly origin: string;
  /** The requests that are under way. */
  readonly dependents = new Dependents();
  #death: { readonly exit: ProcessExit | null } | null = null;
  #isEnding = false;
  #isDoomed = false;

  constructor(server: Server, connections: number) {
    this.server = server;
    const { endpoint } = server;
    this.origin = originOf(endpoint);
    this.pool = new (undici().Pool)(this.origin, { connections, connect: connectOptions(endpoint) });
  }

  /** How the process ended; null while it lives. */
  get death(): { readonly exit: ProcessExit | null } | null {
    return this.#death;
  }

  /** The process is ending, or has ended, though its exit may not have been reported yet. */
  get isDoomed(): boolean {
    return this.#isDoomed;
  }

  /** What is under way may be finished; connections are closed as they fall idle, so that the process can end. */
  async end(): Promise<void> {
    if (this.#isEnding || this.#isDoomed) return;
    this.#isEnding = true;
    await this.pool.close();
  }

  /** Everything that is under way fails now, also where the other end of a connection is still held open. */
  die(exit: ProcessExit | null): void {
    if (this.#death !== null) return;
    this.#death = { exit };
    this.#isDoomed = true;
    for (const dependent of this.dependents.all()) dependent.died(exit);
    // Later: to close many connections takes a while, and whoever waited should hear first.
    setImmediate(() => this.#hangUp());
  }

  /** How long a request whose connection broke may wait for the news that the process has ended, in milliseconds. */
  patience(): number {
    if (!this.#isDoomed && isExiting(this.server.pid)) {
      this.#isDoomed = true;
      // All at once is quicker than one by one as the system closes them, and the news waits behind that.
      this.#hangUp();
    }
    return this.#isDoomed ? LATE_NEWS.certainly : LATE_NEWS.perhaps;
  }

  #hangUp(): void {
    void this.pool.destroy(new ProcessEnded('the process has ended'));
  }
}
