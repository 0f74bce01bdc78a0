import type { IncomingHttpHeaders } from 'node:http';
import { type Duplex, Readable } from 'node:stream';
import type { Dispatcher } from 'undici';

/** What the sidecar says to a request to change the protocol. */
export type UpgradeAnswer =
  | { readonly type: 'upgraded'; readonly headers: IncomingHttpHeaders; readonly socket: Duplex }
  | {
      readonly type: 'answered';
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      readonly body: Readable;
    };

/** Asks for another protocol; unlike undici's `upgrade` it also tells what a server answers that refuses. */
export function askForUpgrade(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  signal: AbortSignal,
): Promise<UpgradeAnswer> {
  return new Promise((answered, fail) => {
    dispatcher.dispatch(options, new UpgradeHandler(signal, answered, fail));
  });
}

class UpgradeHandler implements Dispatcher.DispatchHandler {
  readonly #signal: AbortSignal;
  readonly #answered: (answer: UpgradeAnswer) => void;
  readonly #fail: (error: Error) => void;
  #controller: Dispatcher.DispatchController | null = null;
  #body: Readable | null = null;

  constructor(signal: AbortSignal, answered: (answer: UpgradeAnswer) => void, fail: (error: Error) => void) {
    this.#signal = signal;
    this.#answered = answered;
    this.#fail = fail;
    signal.addEventListener('abort', this.#abort, { once: true });
  }

  /** Twice, if it waits first. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#signal.aborted) this.#abort();
  }

  onRequestUpgrade(
    _controller: Dispatcher.DispatchController,
    _status: number,
    headers: IncomingHttpHeaders,
    socket: Duplex,
  ): void {
    this.#signal.removeEventListener('abort', this.#abort);
    // It may break before whoever asked looks at it.
    socket.on('error', () => {});
    this.#answered({ type: 'upgraded', headers, socket });
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (status < 200) return;
    const body = new Readable({
      read: () => controller.resume(),
      destroy: (error, done) => {
        if (!body.readableEnded) controller.abort(error ?? new Error('nobody reads the answer'));
        done(error);
      },
    });
    this.#body = body;
    this.#answered({ type: 'answered', status, headers, body });
  }

  onResponseData(controller: Dispatcher.DispatchController, piece: Buffer): void {
    if (this.#body?.push(piece) === false) controller.pause();
  }

  onResponseEnd(): void {
    this.#signal.removeEventListener('abort', this.#abort);
    this.#body?.push(null);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#signal.removeEventListener('abort', this.#abort);
    this.#body?.destroy(error);
    this.#fail(error);
  }

  readonly #abort = (): void => {
    const { reason } = this.#signal;
    this.#controller?.abort(reason instanceof Error ? reason : new Error(String(reason)));
  };
}
