import type { IncomingMessage } from 'node:http';
import { errorCode } from '../os/error-code.js';
import type { ServiceEvent } from '../service/service-event.js';
import { ControlError } from './control-error.js';

/**
 * The events of a `text/event-stream`, until either side ends it.
 *
 * @throws {ControlError} when the connection breaks
 */
export async function* readEvents(
  response: IncomingMessage,
  signal: AbortSignal | undefined,
): AsyncGenerator<ServiceEvent, void, void> {
  response.setEncoding('utf8');
  let rest = '';
  try {
    for await (const chunk of response) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.startsWith('data: ')) yield JSON.parse(line.slice('data: '.length));
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (errorCode(error) !== 'ECONNRESET') throw error;
    throw new ControlError('the connection to the service broke', 0, { cause: error });
  } finally {
    response.destroy();
  }
}
