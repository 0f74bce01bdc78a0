import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { FAREWELL, finish } from './plain-answer.js';

/** How often a silent client is asked whether it is still there, in milliseconds (TCP keep-alive). */
const KEEP_ALIVE = 30_000;

/**
 * Joins two connections, both ways and with back-pressure, until either ends. What one end has sent by then still
 * reaches the other, which has `FAREWELL` to take it and to hang up as well. A connection that breaks, as when the
 * sidecar dies, takes the other along at once. Errors are for who made them to listen to.
 */
export function joinConnections(client: Socket, sidecar: Duplex): void {
  if (client.destroyed || sidecar.destroyed) {
    client.destroy();
    sidecar.destroy();
    return;
  }
  client.setTimeout(0);
  client.setNoDelay(true);
  client.setKeepAlive(true, KEEP_ALIVE);
  let farewell: NodeJS.Timeout | undefined;
  const sayFarewell = () => {
    farewell ??= setTimeout(() => {
      client.destroy();
      sidecar.destroy();
    }, FAREWELL);
  };
  for (const end of [client, sidecar]) end.once('end', sayFarewell);
  client.once('close', () => sidecar.destroy());
  sidecar.once('close', () => {
    clearTimeout(farewell);
    if (sidecar.readableEnded) finish(client);
    else client.destroy();
  });
  client.pipe(sidecar).pipe(client);
}
