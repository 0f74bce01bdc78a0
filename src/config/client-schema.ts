import * as z from 'zod';
import { count, milliseconds, positiveMilliseconds } from './values.js';

/** Why a request could not be served, and what was asked. */
export interface FallbackRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
}

/** Answers instead of a sidecar that can't. Its error becomes that of the request. */
export type Fallback = (error: Error, request: FallbackRequest) => Response | Promise<Response>;

const fallback = z.custom<Fallback>((value) => typeof value === 'function', {
  error: 'must be a function that returns a Response',
});

const circuitBreaker = z
  .strictObject({
    threshold: count.default(10).describe('Consecutive 5xx answers or timeouts that open the circuit.'),
    openFor: positiveMilliseconds
      .default(5000)
      .describe('How long requests fail at once before one is let through to try, in milliseconds.'),
  })
  .prefault({})
  .nullable()
  .describe('Stops sending requests to a sidecar that only fails them; `null` for none.');

export const clientSchema = z
  .strictObject({
    waitForReady: milliseconds
      .default(10_000)
      .describe('How long a request waits while the sidecar is not ready, in milliseconds; 0 does not wait.'),
    maxWaiting: z
      .int()
      .min(0)
      .default(1000)
      .describe('How many requests may wait at once; further ones fail at once.'),
    connections: count
      .default(128)
      .describe('Most connections to the sidecar; further requests queue for one.'),
    retry: z
      .boolean()
      .default(false)
      .describe(
        'Send a request that died with the process once more, to the next one, if its method is idempotent (or it was never sent) and its body can be sent again.',
      ),
    circuitBreaker,
    fallback: fallback
      .optional()
      .describe('Called by `fetch()` instead, when the sidecar can’t serve a request.'),
  })
  .prefault({})
  .describe('How requests are sent to the sidecar.');

export type ClientConfig = z.output<typeof clientSchema>;
