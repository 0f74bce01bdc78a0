import { setTimeout as pause } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import type { Handoff } from '../../machines/sidecar.types.js';
import type { SidecarRequestOptions } from '../client/client.js';
import type { Environment } from '../config/values.js';
import { SidecarConnectionError, SidecarDiedError, type SidecarError } from '../sidecar-error.js';
import { ForstInvokeError, type ForstRefusal, type ForstTarget } from './forst-invoke-error.js';
import { challengeSchema, parseAnswer } from './invoke-answer.js';
import { isAuthenticationOff, proofHeaders, readSecret } from './invoke-proof.js';

type Response = Dispatcher.ResponseData;

/** One call of a Forst server. */
export interface ForstCall {
  readonly target: ForstTarget;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body: string | null;
  readonly signal: AbortSignal | undefined;
}

/** What the calls need of a sidecar. */
export interface ForstServer {
  readonly name: string;
  /** `client.waitForReady`, in milliseconds. */
  readonly waitForReady: number;
  /** Whether a token is to be handed over. */
  readonly handsOver: boolean;
  /** The environment that it is started with. */
  readonly environment: Environment;
  request(options: SidecarRequestOptions): Promise<Response>;
  /** What the process of the moment has handed over. */
  handoff(): Handoff | null;
}

/** What became of one try. */
type Try =
  | { readonly type: 'answered'; readonly response: Response }
  /** It can't have had an effect, and may go well later. `after` is in milliseconds. */
  | { readonly type: 'not-called'; readonly error: SidecarError; readonly after: number }
  /** The proof was not accepted: the nonce had expired, or another process has taken over meanwhile. */
  | { readonly type: 'unauthorized'; readonly error: SidecarError };

type Proof =
  | { readonly type: 'proof'; readonly headers: Record<string, string> }
  | Exclude<Try, { type: 'answered' }>;

/** How long to wait before a call that was not made is made again, when the server does not say, in milliseconds. */
const RETRY_DELAY = 100;

const UNAUTHORIZED = 401;
const UNAVAILABLE = 503;

/** Sends calls to a Forst server, each with a proof made for it alone. */
export class ForstInvokeClient {
  readonly #server: ForstServer;

  constructor(server: ForstServer) {
    this.#server = server;
  }

  /**
   * Makes a call; resolves once it is answered with a 2xx. A call that certainly was not made (no connection, no
   * challenge, 503 while reloading) is made again within `waitForReady`; one that was not authorised, once.
   *
   * @throws {ForstInvokeError} when it is answered with anything else.
   * @throws {SidecarError} as `sidecar.request()` does.
   */
  async send(call: ForstCall): Promise<Response> {
    const end = performance.now() + this.#server.waitForReady;
    let wasUnauthorized = false;
    for (;;) {
      const result = await this.#try(call);
      switch (result.type) {
        case 'answered':
          return result.response;
        case 'unauthorized':
          if (wasUnauthorized) throw result.error;
          wasUnauthorized = true;
          break;
        case 'not-called':
          if (performance.now() + result.after > end) throw result.error;
          await waitFor(result.after, call.signal);
      }
    }
  }

  /** The error of a call, in Forst's words. */
  failure(target: ForstTarget, refusal: ForstRefusal): ForstInvokeError {
    return new ForstInvokeError(this.#server.name, target, refusal);
  }

  async #try(call: ForstCall): Promise<Try> {
    const proof = await this.#prove(call);
    if (proof.type !== 'proof') return proof;
    const { method, path, body, signal } = call;
    const headers = { ...(body !== null && { 'Content-Type': 'application/json' }), ...proof.headers };
    try {
      const response = await this.#server.request({ method, path, body, headers, ...(signal && { signal }) });
      return await this.#judge(call.target, response);
    } catch (error) {
      if (isLost(error) && !error.isSent) return { type: 'not-called', error, after: RETRY_DELAY };
      throw error;
    }
  }

  /** Asks for a challenge, and answers it. The secret is read after that, when the process is there for certain. */
  async #prove(call: ForstCall): Promise<Proof> {
    const { environment, handsOver } = this.#server;
    if (isAuthenticationOff(environment)) return { type: 'proof', headers: {} };
    const challenged = await this.#challenge(call);
    if (challenged.type !== 'answered' && challenged.type !== 'no-challenge') return challenged;
    const secret = this.#readSecret(call.target);
    if (challenged.type === 'no-challenge') {
      // Without authentication there may be no such endpoint, and then there is no secret either.
      if (secret !== null) throw challenged.error;
      return { type: 'proof', headers: {} };
    }
    if (secret !== null) return { type: 'proof', headers: await proofHeaders(secret, challenged.challenge) };
    const error = this.failure(call.target, {
      forstError: handsOver
        ? 'the process has not handed over a token yet'
        : 'no token is known: set process.handoffVariable, or FORST_INVOKE_TOKEN in the environment',
      status: null,
    });
    if (!handsOver) throw error;
    return { type: 'not-called', error, after: RETRY_DELAY };
  }

  async #challenge({ target, signal }: ForstCall) {
    const path = '/invoke/challenge';
    try {
      const response = await this.#server.request({ path, ...(signal && { signal }) });
      const judged = await this.#judge(target, response);
      if (judged.type !== 'answered') return judged;
      const answer = parseAnswer(await judged.response.body.text());
      const challenge = challengeSchema.safeParse(answer?.result).data;
      if (challenge !== undefined) return { type: 'answered', challenge } as const;
      const forstError = `GET ${path} was not answered with a challenge`;
      const error = this.failure(target, { forstError, status: response.statusCode });
      return { type: 'no-challenge', error } as const;
    } catch (error) {
      if (error instanceof ForstInvokeError) return { type: 'no-challenge', error } as const;
      // Nothing was called yet, so nothing can have happened twice.
      if (isLost(error)) return { type: 'not-called', error, after: RETRY_DELAY } as const;
      throw error;
    }
  }

  #readSecret(target: ForstTarget) {
    try {
      return readSecret(this.#server.handoff(), this.#server.environment);
    } catch (error) {
      const forstError = error instanceof Error ? error.message : String(error);
      throw this.failure(target, { forstError, status: null });
    }
  }

  /** @throws {ForstInvokeError} when the call was made and went wrong. */
  async #judge(target: ForstTarget, response: Response): Promise<Try> {
    const { statusCode: status, headers, body } = response;
    if (status >= 200 && status < 300) return { type: 'answered', response };
    const answer = parseAnswer(await body.text());
    const forstError = answer?.error ?? `it answered with status ${status}, and nothing that Forst says`;
    const error = this.failure(target, { forstError, status, errorValue: answer?.errorValue });
    if (status === UNAUTHORIZED) return { type: 'unauthorized', error };
    if (status === UNAVAILABLE && (answer?.reloading === true || answer?.error === 'reloading')) {
      return { type: 'not-called', error, after: retryAfter(headers['retry-after']) };
    }
    throw error;
  }
}

function isLost(error: unknown): error is SidecarConnectionError | SidecarDiedError {
  return error instanceof SidecarConnectionError || error instanceof SidecarDiedError;
}

/** `Retry-After` is in seconds. */
function retryAfter(header: string | string[] | undefined): number {
  return typeof header === 'string' && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : RETRY_DELAY;
}

async function waitFor(delay: number, signal: AbortSignal | undefined): Promise<void> {
  await pause(delay, undefined, { signal }).catch((error: unknown) => {
    // An aborted call fails with the reason, as it does while it is under way.
    signal?.throwIfAborted();
    throw error;
  });
}
