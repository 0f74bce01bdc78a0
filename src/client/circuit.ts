import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhenResult,
  type IDisposable,
  CircuitState as State,
} from 'cockatiel';
import type { CircuitState } from '../../machines/sidecar.types.js';
import type { ClientConfig } from '../config/client-schema.js';
import { SidecarConnectionError, SidecarUnavailableError } from '../sidecar-error.js';
import type { ServingSource } from './serving.js';

/** Gives a sidecar that only fails its requests a rest. One circuit belongs to one incarnation. */
export class Circuit {
  readonly #policy: CircuitBreakerPolicy;
  readonly #source: ServingSource;
  readonly #refused: () => void;
  readonly #changes: IDisposable;
  /** No failure was counted since the last success: another success counts for nothing, and nothing is in its way. */
  #isSpotless = true;

  // Made once, and not for each request.
  readonly #answered = <Answer>(answer: Answer): Answer | Promise<Answer> =>
    isServerError(answer) ? this.#countFailure(() => Promise.resolve(answer)).then(() => answer) : answer;
  readonly #failed = async (error: unknown): Promise<never> => {
    if (error instanceof Error && isFailure(error)) await this.#countFailure(() => Promise.reject(error));
    throw error;
  };

  constructor(
    { threshold, openFor }: NonNullable<ClientConfig['circuitBreaker']>,
    source: ServingSource,
    refused: () => void,
  ) {
    this.#source = source;
    this.#refused = refused;
    this.#policy = circuitBreaker(handleWhenResult(isServerError).orWhen(isFailure), {
      halfOpenAfter: openFor,
      breaker: new ConsecutiveBreaker(threshold),
    });
    this.#changes = this.#policy.onStateChange((state) => source.reportCircuit(stateNames[state]));
  }

  /** What the last process did is nothing against the next one: it gets a circuit of its own. */
  retire(): void {
    this.#changes.dispose();
    if (this.#policy.state !== State.Closed) this.#source.reportCircuit('closed');
  }

  /** @throws {SidecarUnavailableError} at once while the circuit is open. */
  send<Answer>(request: () => Promise<Answer>): Promise<Answer> {
    return this.#isSpotless ? request().then(this.#answered, this.#failed) : this.#sendCounted(request);
  }

  async #sendCounted<Answer>(request: () => Promise<Answer>): Promise<Answer> {
    try {
      const answer = await this.#policy.execute(request);
      this.#isSpotless = this.#policy.state === State.Closed && !isServerError(answer);
      return answer;
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) throw error;
      this.#refused();
      const { name } = this.#source;
      throw new SidecarUnavailableError(
        'circuit-open',
        `The sidecar "${name}" is given a rest, as it failed the last requests (client.circuitBreaker); it is ${this.#source.describe()}`,
      );
    }
  }

  async #countFailure(outcome: () => Promise<unknown>): Promise<void> {
    this.#isSpotless = false;
    await this.#policy.execute(outcome).catch(() => {
      // Who made the request is told of it there; and that the circuit has opened meanwhile is no news.
    });
  }
}

const stateNames: Readonly<Record<State, CircuitState>> = {
  [State.Closed]: 'closed',
  [State.Open]: 'open',
  [State.HalfOpen]: 'half-open',
  [State.Isolated]: 'open',
};

const TIMEOUTS = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/** A deadline that passed, or a connection that failed; not a request that its maker gave up. */
function isFailure(error: Error): boolean {
  if (error instanceof SidecarConnectionError || error.name === 'TimeoutError') return true;
  return 'code' in error && TIMEOUTS.has(String(error.code));
}

/** By `statusCode`, as undici's requests have it, or `status`, as fetch has it. */
function isServerError(result: unknown): boolean {
  if (typeof result !== 'object' || result === null) return false;
  if ('statusCode' in result) return Number(result.statusCode) >= 500;
  return 'status' in result && Number(result.status) >= 500;
}
