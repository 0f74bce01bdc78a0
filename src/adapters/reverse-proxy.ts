import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Sidecar } from '../sidecar.js';
import { mountedPath } from './mounted-path.js';
import { sendAnswerOver } from './plain-answer.js';
import { type Problem, problemAnswer } from './problem.js';
import {
  type ProxySettings,
  proxySettings,
  requireRequests,
  type SidecarProxyOptions,
} from './proxy-options.js';
import { forwardRequest } from './proxy-request.js';
import { Upgrades } from './proxy-upgrade.js';

/** Passes requests and WebSockets on to a sidecar. */
export class ReverseProxy {
  readonly #sidecar: Sidecar;
  readonly #settings: ProxySettings;
  readonly #upgrades: Upgrades;

  /** @throws {TypeError} that lists every wrong option. */
  constructor(sidecar: Sidecar, options: SidecarProxyOptions) {
    requireRequests(sidecar, 'sidecarProxy');
    this.#sidecar = sidecar;
    this.#settings = proxySettings(options);
    this.#upgrades = new Upgrades(sidecar, this.#settings);
  }

  /** Whether the request is for the sidecar; false when it is not below the mount path, and nothing was done. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const at = mountedPath(request, this.#settings.path);
    if (at === null) return false;
    void forwardRequest(this.#sidecar, this.#settings, { request, response, at });
    return true;
  }

  /** @param listeners how many listen for upgrades, this one included */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, listeners: number): void {
    const at = mountedPath(request, this.#settings.path);
    if (!(socket instanceof Socket))
      throw new TypeError('only upgrades of a server of node:http are passed on');
    if (at !== null) void this.#upgrades.pass({ request, socket, head, at });
    // Nobody would ever answer or close it.
    else if (listeners === 1) sendAnswerOver(socket, this.notFound());
  }

  notFound() {
    return problemAnswer(nothingHere, this.#sidecar, this.#settings.explain);
  }

  close(): void {
    this.#upgrades.close();
  }
}

const nothingHere: Problem = {
  status: 404,
  reason: 'not-found',
  detail: 'no sidecar is mounted at this path',
  retryAfter: null,
};

/** How many listen to the upgrades of the server that is the `this` of one of its listeners. */
export function upgradeListeners(server: unknown): number {
  return server instanceof EventEmitter ? server.listenerCount('upgrade') : Number.POSITIVE_INFINITY;
}
