import type { Dispatcher } from 'undici';
import { SidecarError } from '../sidecar-error.js';
import type { Gate } from './gate.js';

/** What Node.js' own `fetch` takes as a dispatcher. Its types are those of the undici that Node.js contains. */
export type FetchDispatcher = NonNullable<RequestInit['dispatcher']>;

/**
 * Lets Node.js' own `fetch` send through the gate: so its answers, bodies and forms are those of the platform. A
 * redirect to elsewhere is an error, as the sidecar would answer in the name of somebody else.
 */
export function createFetchDispatcher(gate: Gate, ownOrigin: string): FetchDispatcher {
  const dispatcher = {
    dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
      const origin = String(options.origin);
      if (origin !== ownOrigin && origin !== gate.upstream?.origin) {
        throw new SidecarError(
          `redirected to ${origin}, which is not the sidecar: follow it with a fetch of your own`,
        );
      }
      return gate.dispatch(options, handler);
    },
  };
  if (!isFetchDispatcher(dispatcher)) throw new TypeError('fetch needs a dispatcher that can dispatch');
  return dispatcher;
}

/** All that `fetch` needs is the one method. */
function isFetchDispatcher(value: object): value is FetchDispatcher {
  return 'dispatch' in value && typeof value.dispatch === 'function';
}
