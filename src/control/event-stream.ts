import type { IncomingMessage } from 'node:http';
import { errorCode } from '../os/error-code.js';
import type { ServiceEvent } from '../service/service-event.js';
import { ControlError } from './control-error.js';

/**
 * The events of a service, for `for await`. They end when the service does, and with `close()`.
 *
 * @throws {ControlError} from the iteration when the connection breaks; the signal's reason when that gave up
 */
export class EventStream implements AsyncIterableIterator<ServiceEvent, void, void>, AsyncDisposable {
  readonly #response: IncomingMessage;
  readonly #signal: AbortSignal | undefined;
  readonly #events: AsyncGenerator<ServiceEvent, void, void>;
  #isClosed = false;

  constructor(response: IncomingMessage, signal: AbortSignal | undefined) {
    this.#response = response;
    this.#signal = signal;
    this.#events = this.#read();
  }

  next(): Promise<IteratorResult<ServiceEvent, void>> {
    return this.#events.next();
  }

  /** As a loop that is left does it. */
  async return(): Promise<IteratorResult<ServiceEvent, void>> {
    this.close();
    return this.#events.return();
  }

  /** Listens no more, also when nothing was read yet: it would keep the connection, and with it the process. */
  close(): void {
    this.#isClosed = true;
    this.#response.destroy();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  async *#read(): AsyncGenerator<ServiceEvent, void, void> {
    this.#response.setEncoding('utf8');
    let rest = '';
    try {
      for await (const chunk of this.#response) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines)
          if (line.startsWith('data: ')) yield JSON.parse(line.slice('data: '.length));
      }
    } catch (error) {
      if (this.#isClosed) return;
      this.#signal?.throwIfAborted();
      if (errorCode(error) !== 'ECONNRESET') throw error;
      throw new ControlError('the connection to the service broke', 0, { cause: error });
    }
  }
}
