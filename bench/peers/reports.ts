import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** Where children report that they listen. */
export class Reports {
  readonly #socket: Socket;
  #pids: number[] = [];
  #awaited: { count: number; resolve: (time: number) => void } | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (message) => {
      this.#pids.push(Number(String(message)));
      if (this.#awaited === null) return;
      this.#awaited.count -= 1;
      if (this.#awaited.count > 0) return;
      this.#awaited.resolve(performance.now());
      this.#awaited = null;
    });
  }

  static async open(): Promise<Reports> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new Reports(socket);
  }

  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  /** When so many have reported from now on, by `performance.now()`. */
  next(count: number): Promise<number> {
    return new Promise((resolve) => {
      this.#awaited = { count, resolve };
    });
  }

  /** The pids that were reported since. */
  forget(): readonly number[] {
    return this.#pids.splice(0);
  }

  close(): void {
    this.#socket.close();
  }
}
