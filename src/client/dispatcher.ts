import type { Dispatcher } from 'undici';
import type { Gate } from './gate.js';
import { undici } from './undici.js';

/**
 * A dispatcher of undici's that sends everything to the sidecar of the moment, whatever origin is asked for. It lives
 * as long as the sidecar: closing or destroying it does nothing.
 */
export function createDispatcher(gate: Gate): Dispatcher {
  class SidecarDispatcher extends undici().Dispatcher {
    override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
      return gate.dispatch(options, handler);
    }

    override close(): Promise<void>;
    override close(callback: () => void): void;
    override close(callback?: () => void): Promise<void> | void {
      return done(callback);
    }

    override destroy(): Promise<void>;
    override destroy(error: Error | null): Promise<void>;
    override destroy(callback: () => void): void;
    override destroy(error: Error | null, callback: () => void): void;
    override destroy(error?: Error | null | (() => void), callback?: () => void): Promise<void> | void {
      return done(typeof error === 'function' ? error : callback);
    }
  }
  return new SidecarDispatcher();
}

function done(callback: (() => void) | undefined): Promise<void> | void {
  if (callback === undefined) return Promise.resolve();
  queueMicrotask(callback);
}
