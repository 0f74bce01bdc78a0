import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Sidecar } from '../sidecar.js';
import type { PlainAnswer } from './plain-answer.js';
import { problemAnswer, problemOf } from './problem.js';

/** How a readiness gate treats requests that come while the sidecar is not ready. */
export interface SidecarGateOptions {
  /** `true` (default): they wait, `client.waitForReady` at most. `false`: they are answered 503 at once. */
  readonly wait?: boolean | undefined;
  /** Whether the 503 says what the sidecar is doing and why. Default true. */
  readonly explain?: boolean | undefined;
}

/** What becomes of a request: it may pass, it is answered, or its client has gone. */
export type GateVerdict =
  | { readonly type: 'passed' }
  | { readonly type: 'refused'; readonly answer: PlainAnswer }
  | { readonly type: 'gone' };

/** Never rejects. */
export async function passGate(
  sidecar: Sidecar,
  { wait = true, explain = true }: SidecarGateOptions,
  response: ServerResponse<IncomingMessage>,
): Promise<GateVerdict> {
  const giveUp = new AbortController();
  const hangUp = () => giveUp.abort();
  response.once('close', hangUp);
  try {
    await sidecar.whenReady({ wait, signal: giveUp.signal });
    return { type: 'passed' };
  } catch (error) {
    if (giveUp.signal.aborted) return { type: 'gone' };
    return { type: 'refused', answer: problemAnswer(problemOf(error, sidecar), sidecar, explain) };
  } finally {
    response.off('close', hangUp);
  }
}
