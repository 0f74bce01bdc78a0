import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { Sidecar } from '../sidecar.js';
import { endToEndResponseHeaders } from './end-to-end-headers.js';
import type { MountedPath } from './mounted-path.js';
import { answerHead, finish, type PlainAnswer, sendAnswerOver } from './plain-answer.js';
import { ProblemError, problemAnswer, problemOf } from './problem.js';
import type { ProxySettings } from './proxy-options.js';
import { noAnswer, requestHeaders, sidecarPath } from './proxy-request.js';
import { StallTimer } from './stall-timer.js';
import { joinConnections } from './tunnel.js';
import { askForUpgrade, type UpgradeAnswer } from './upgrade-answer.js';

/** A request to change the protocol, as Node.js hands it over. */
export interface UpgradeRequest {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  /** What the client sent after it. */
  readonly head: Buffer;
  readonly at: MountedPath;
}

/** The WebSockets of one proxy. */
export class Upgrades {
  readonly #sidecar: Sidecar;
  readonly #settings: ProxySettings;
  /** The clients' ends, those that wait for the sidecar included. */
  readonly #open = new Set<Socket>();

  constructor(sidecar: Sidecar, settings: ProxySettings) {
    this.#sidecar = sidecar;
    this.#settings = settings;
  }

  /** Passes one on. Never rejects: what goes wrong is answered, or breaks the connection off. */
  async pass(upgrade: UpgradeRequest): Promise<void> {
    const { request, socket } = upgrade;
    const giveUp = new AbortController();
    const stall = new StallTimer(() => giveUp.abort(noAnswer(this.#sidecar, this.#settings)));
    const hangUp = () => giveUp.abort(new Error('the client has closed the connection'));
    socket.once('close', () => this.#open.delete(socket));
    socket.once('close', hangUp);
    // Told by its close.
    socket.on('error', () => {});
    let hasBegun = false;
    try {
      this.#admit(upgrade);
      stall.start(this.#settings.timeout);
      const answer = await this.#ask(upgrade, giveUp.signal);
      stall.stop();
      socket.off('close', hangUp);
      hasBegun = true;
      if (answer.type === 'upgraded') join(upgrade, answer);
      else await this.#refuse(socket, answer);
    } catch (error) {
      stall.stop();
      if (socket.destroyed) return;
      if (hasBegun) socket.destroy();
      else sendAnswerOver(socket, this.#answer(error));
      this.#settings.onError(error instanceof Error ? error : new Error(String(error)), request);
    }
  }

  #answer(error: unknown): PlainAnswer {
    return problemAnswer(problemOf(error, this.#sidecar), this.#sidecar, this.#settings.explain);
  }

  /** Breaks all of them off. */
  close(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #admit({ request, socket }: UpgradeRequest): void {
    const { maxUpgrades } = this.#settings;
    if (request.method !== 'GET' || request.headers.upgrade?.toLowerCase() !== 'websocket') {
      throw new ProblemError(400, 'request', 'only WebSockets are passed on, which begin with GET');
    }
    if (this.#open.size >= maxUpgrades) {
      throw new ProblemError(
        503,
        'too-many-upgrades',
        `${maxUpgrades} WebSockets are open already (maxUpgrades)`,
      );
    }
    this.#open.add(socket);
  }

  #ask({ request, at }: UpgradeRequest, signal: AbortSignal): Promise<UpgradeAnswer> {
    const options = {
      method: 'GET',
      path: sidecarPath(this.#settings, request, at),
      headers: requestHeaders(this.#settings, request, at, { type: 'none' }),
      upgrade: 'websocket',
      headersTimeout: 0,
      bodyTimeout: this.#settings.stallTimeout ?? 0,
    };
    return askForUpgrade(this.#sidecar.dispatcher, options, signal);
  }

  /** The sidecar stays with HTTP: it wants a login first, or knows no such path. */
  async #refuse(client: Socket, { status, headers, body }: Refused): Promise<void> {
    client.setTimeout(this.#settings.stallTimeout ?? 0, () => client.destroy());
    client.resume();
    const fields = endToEndResponseHeaders(headers);
    client.write(answerHead(status, [...fields, ['connection', 'close']]), 'latin1');
    await pipeline(body, client, { end: false });
    finish(client);
  }
}

type Upgraded = Extract<UpgradeAnswer, { type: 'upgraded' }>;
type Refused = Extract<UpgradeAnswer, { type: 'answered' }>;

function join({ socket: client, head }: UpgradeRequest, { headers, socket: sidecar }: Upgraded): void {
  client.write(
    answerHead(101, [
      ['connection', 'Upgrade'],
      ['upgrade', 'websocket'],
      ...endToEndResponseHeaders(headers),
    ]),
    'latin1',
  );
  sidecar.write(head);
  joinConnections(client, sidecar);
}
