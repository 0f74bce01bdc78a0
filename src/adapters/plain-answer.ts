import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

/** A short answer, made here. */
export interface PlainAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function sendAnswer(response: ServerResponse, { status, headers, body }: PlainAnswer): void {
  // Somebody else has answered meanwhile, as a middleware with a deadline of its own does.
  if (response.headersSent) return;
  response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) });
  response.end(body);
}

/** Answers an upgrade, of which Node.js leaves everything but the connection to whoever took it. */
export function sendAnswerOver(socket: Socket, { status, headers, body }: PlainAnswer): void {
  const fields = Object.entries({
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  });
  socket.write(answerHead(status, fields));
  socket.write(body);
  finish(socket);
}

/** Status line and fields, as they go over the wire. */
export function answerHead(
  status: number,
  fields: readonly (readonly [name: string, value: string | readonly string[]])[],
): string {
  const lines = fields.flatMap(([name, value]) => [value].flat().map((each) => `${name}: ${each}`));
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', ''].join('\r\n');
}

/** How long the other end has to take what it was sent and to hang up, in milliseconds. */
export const FAREWELL = 5000;

/** Closes a connection once everything is written; at once when the other end takes nothing for a while. */
export function finish(socket: Socket): void {
  socket.setTimeout(FAREWELL, () => socket.destroy());
  socket.destroySoon();
}
