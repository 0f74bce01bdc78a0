import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { InspectSettings } from '../config/inspect-schema.js';
import { randomToken } from '../web/token.js';
import { PAGE_PATH, type Refusal, refusalOfHost, refusalOfViewer } from './access.js';
import { ownPackage } from './own-package.js';
import { Page, refuse } from './page.js';
import { Show } from './show.js';
import type { InspectedSidecar } from './sidecar-feed.js';

/** A page that shows sidecars as they move, and its socket. */
export interface Inspector {
  /** Where the page is, with the token that it takes: `http://127.0.0.1:40123/inspect/#token=…`. */
  readonly url: string;
  /** How many look on now. */
  readonly viewers: number;
  /** Takes no command any more but STOP; who tries is told why. */
  lock(reason: string): void;
  /** Sends all viewers away, and listens no more. */
  close(): Promise<void>;
}

/** One whose sidecars may become others. */
export interface ChangingInspector extends Inspector {
  /** Shows these from now on; those that are gone are told of as given up. */
  show(sidecars: readonly InspectedSidecar[]): void;
}

export interface InspectorOptions extends InspectSettings {
  /** Of what is shown. */
  readonly title: string;
  readonly sidecars: readonly InspectedSidecar[];
  /** What nothing that is shown should have brought about. */
  readonly onFault: (error: unknown) => void;
}

/** A message of a viewer is short, in bytes; a longer one ends its connection. */
const MOST_PAYLOAD = 16 * 1024;
const MOST_VIEWERS = 32;
const MOST_CONNECTIONS = 200;
/** How long a request may take to arrive, in milliseconds. */
const REQUEST_TIMEOUT = 10_000;

/**
 * Shows sidecars to whoever has the token. It does not keep the process alive.
 *
 * @throws {Error} when it can't listen
 */
export async function openInspector(options: InspectorOptions): Promise<ChangingInspector> {
  const { host, port, token = randomToken(), title, onFault } = options;
  const { version, pageFolder } = ownPackage();
  const { readOnly, development } = options;
  const show = new Show({
    ...options,
    hello: { type: 'service.hello', version, readOnly, development, title },
  });
  const page = new Page(pageFolder);
  const server = createServer({
    requestTimeout: REQUEST_TIMEOUT,
    headersTimeout: REQUEST_TIMEOUT,
    connectionsCheckingInterval: REQUEST_TIMEOUT / 4,
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.on('connection', (socket) => socket.unref());
  server.on('request', (request, response) => {
    const refusal = refusalOfHost(request, host);
    if (refusal !== null) return refuse(response, refusal);
    page.answer(request, response).catch((error: unknown) => {
      onFault(error);
      response.destroy();
    });
  });

  const sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_PAYLOAD, perMessageDeflate: false });
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    // What was cut off says so; nobody is told.
    socket.on('error', () => {});
    const refusal = refusalOfUpgrade(request);
    if (refusal !== null) return refuseUpgrade(socket, refusal);
    sockets.handleUpgrade(request, socket, head, (webSocket) => show.admit(webSocket));
  });
  function refusalOfUpgrade(request: IncomingMessage): UpgradeRefusal | null {
    const refusal = refusalOfViewer(request, { host, token });
    if (refusal !== null) return refusal;
    if (show.size < MOST_VIEWERS) return null;
    return { status: 503, detail: `${MOST_VIEWERS} look on already` };
  }

  try {
    await listen(server, host, port);
  } catch (error) {
    show.close();
    throw error;
  }
  server.unref();
  const { port: bound } = addressOf(server);
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}${PAGE_PATH}#token=${token}`,
    get viewers() {
      return show.size;
    },
    lock: (reason) => show.lock(reason),
    show: (sidecars) => show.adopt(sidecars),
    close: async () => {
      show.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

interface UpgradeRefusal extends Pick<Refusal, 'detail'> {
  readonly status: Refusal['status'] | 503;
}

function refuseUpgrade(socket: Duplex, { status, detail }: UpgradeRefusal): void {
  const body = `${detail}\n`;
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Connection: close',
      'Content-Type: text/plain; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The inspector listens nowhere.');
  return address;
}
