import { createWebSocketReceiver } from '@xstate/inspect';

type Receiver = ReturnType<typeof createWebSocketReceiver>;

/**
 * A receiver of `@xstate/inspect` with its socket, which that keeps to itself: it tells neither that it was opened nor that
 * it is gone. So the constructor that it calls, at once, is one that remembers.
 */
export function openReceiver(
  server: string,
  protocol: 'ws' | 'wss',
): { receiver: Receiver; socket: WebSocket } {
  const Original = globalThis.WebSocket;
  let opened: WebSocket | null = null;
  globalThis.WebSocket = class extends Original {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      opened = this;
    }
  };
  try {
    const receiver = createWebSocketReceiver({ server, protocol, serialize: undefined });
    if (opened === null) throw new Error('The receiver of @xstate/inspect opened no WebSocket.');
    return { receiver, socket: opened };
  } finally {
    globalThis.WebSocket = Original;
  }
}
