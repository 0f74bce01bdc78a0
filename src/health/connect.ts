import { connect, type NetConnectOpts, type Socket } from 'node:net';

/**
 * Connects, and hangs up at once.
 *
 * @throws {Error} when nobody accepts, or the signal's reason when it aborts before.
 */
export function tryToConnect(options: NetConnectOpts, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = connect(options);
    const settle = (error?: Error) => {
      signal.removeEventListener('abort', giveUp);
      // Not just ended: a server that does not answer would keep it open for ever.
      socket.destroy();
      if (error === undefined) resolve();
      else reject(error);
    };
    const giveUp = () => settle(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    socket.once('connect', () => settle(isItself(socket) ? new Error('nobody listens there') : undefined));
    socket.on('error', settle);
  });
}

/**
 * Whether a socket is connected to itself. TCP allows that, and it happens by chance when a port from which the
 * system also takes those of clients is tried again and again while nobody listens there.
 */
export function isItself({ localAddress, localPort, remoteAddress, remotePort }: Socket): boolean {
  return localPort !== undefined && localPort === remotePort && localAddress === remoteAddress;
}
