import type { Dispatcher } from 'undici';
import type { ForstConfig } from '../config/forst.js';
import { forstPreset } from '../config/forst.js';
import { Sidecar } from '../sidecar.js';
import type { SidecarOptions } from '../sidecar-options.js';
import type { ForstTarget } from './forst-invoke-error.js';
import {
  type ForstFunction,
  type ForstVersion,
  functionsSchema,
  parseAnswer,
  parseJson,
  rowSchema,
  versionSchema,
} from './invoke-answer.js';
import { ForstInvokeClient } from './invoke-client.js';
import { readLines } from './read-lines.js';

/** How a call is made. */
export interface ForstInvokeOptions {
  /** Gives the call up. */
  readonly signal?: AbortSignal;
}

/**
 * A sidecar with the Forst preset, whose functions can be called. Each call is proved with the token that the process
 * of the moment has handed over; while the sidecar starts, restarts or reloads, it waits, for `client.waitForReady`.
 */
export class ForstSidecar extends Sidecar {
  readonly #client: ForstInvokeClient;

  /** @throws {SidecarConfigError} listing everything that is wrong; nothing is started by it. */
  constructor(config: ForstConfig = {}, options: SidecarOptions = {}) {
    super(forstPreset(config), options);
    const { name, client, process: processSection } = this.config;
    const { env, handoffVariable } = processSection;
    this.#client = new ForstInvokeClient({
      name,
      waitForReady: client.waitForReady,
      handsOver: handoffVariable !== undefined,
      // A function would give others with each call than the process was given.
      environment: { ...process.env, ...(typeof env === 'function' ? {} : env) },
      request: (options) => this.request(options),
      handoff: () => this.actor.getSnapshot().context.process?.handoff ?? null,
    });
  }

  /**
   * Calls a function; resolves with its result, or with what it printed when it has none.
   *
   * @param args its arguments, as JSON has them
   * @throws {ForstInvokeError} when it failed, or can't be called.
   * @throws {SidecarError} as `fetch()` does; a call that died with the process may have had its effect.
   */
  async invoke(
    packageName: string,
    functionName: string,
    args: readonly unknown[] = [],
    options: ForstInvokeOptions = {},
  ): Promise<unknown> {
    const target = functionTarget(packageName, functionName);
    const { result, output } = await this.#answerOf(
      target,
      await this.#post(target, { args, streaming: false }, options),
    );
    return result === undefined ? output : result;
  }

  /**
   * Calls a function that streams; gives the values one by one, and reads on only as they are taken. It is called when
   * the first value is asked for; leaving the loop ends the call.
   *
   * @throws {ForstInvokeError} when it failed, or can't be called.
   * @throws {SidecarDiedError} when the process ended before the stream did. Otherwise as `invoke()`.
   */
  async *invokeStream(
    packageName: string,
    functionName: string,
    args: readonly unknown[] = [],
    options: ForstInvokeOptions = {},
  ): AsyncGenerator<unknown, void, undefined> {
    const target = functionTarget(packageName, functionName);
    const { body, statusCode: status } = await this.#post(target, { args, streaming: true }, options);
    for await (const line of readLines(body)) {
      const { data: row } = rowSchema.safeParse(parseJson(line));
      const forstError = row === undefined ? 'a line of its stream is not one of Forst’s' : row.error;
      if (forstError) throw this.#client.failure(target, { forstError, status });
      if (row?.data !== undefined) yield row.data;
    }
  }

  /** The functions that can be called. Throws as `invoke()`. */
  async functions(options: ForstInvokeOptions = {}): Promise<readonly ForstFunction[]> {
    return this.#get('/functions', functionsSchema, options);
  }

  /** Which Forst it is, and the version of its contract. Throws as `invoke()`. */
  async version(options: ForstInvokeOptions = {}): Promise<ForstVersion> {
    return this.#get('/version', versionSchema, options);
  }

  #post(
    target: ForstTarget,
    { args, streaming }: { args: readonly unknown[]; streaming: boolean },
    { signal }: ForstInvokeOptions,
  ): Promise<Dispatcher.ResponseData> {
    const body = JSON.stringify({ package: target.package, function: target.function, args, streaming });
    return this.#client.send({ target, method: 'POST', path: '/invoke', body, signal });
  }

  async #get<Result>(
    path: string,
    schema: { safeParse(value: unknown): { data?: Result } },
    { signal }: ForstInvokeOptions,
  ): Promise<Result> {
    const target = { name: `GET ${path}`, package: null, function: null };
    const response = await this.#client.send({ target, method: 'GET', path, body: null, signal });
    const { result } = await this.#answerOf(target, response);
    const { data } = schema.safeParse(result);
    if (data !== undefined) return data;
    throw this.#client.failure(target, {
      forstError: 'its result is not what Forst says it is',
      status: response.statusCode,
    });
  }

  async #answerOf(target: ForstTarget, { body, statusCode: status }: Dispatcher.ResponseData) {
    const answer = parseAnswer(await body.text());
    if (answer?.success) return answer;
    const forstError =
      answer === null ? 'its answer is not one of Forst’s' : (answer.error ?? 'it says no more than that');
    throw this.#client.failure(target, { forstError, status, errorValue: answer?.errorValue });
  }
}

function functionTarget(packageName: string, functionName: string): ForstTarget {
  return { name: `${packageName}.${functionName}`, package: packageName, function: functionName };
}
