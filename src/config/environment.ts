import type { Endpoint } from '../../machines/sidecar.types.js';
import type { ProcessConfig, ResolvedSidecarConfig } from './schema.js';
import { addressVariables, fillTemplates } from './templates.js';
import { type Environment, environmentVariables } from './values.js';

/** The user's function for the environment does not give one. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

/** The variables that tell a program where to listen, and the user's own, which win. */
export function resolveEnvironment(config: ResolvedSidecarConfig, endpoint: Endpoint): NodeJS.ProcessEnv {
  const own = Object.entries(ownVariables(config.process.env)).map(([name, value]) => [
    name,
    value === undefined ? undefined : fillTemplates(value, config, endpoint),
  ]);
  return { ...process.env, ...addressVariables(endpoint), ...Object.fromEntries(own) };
}

/** @throws {EnvironmentError} when the user's function throws, or returns something else than variables. */
function ownVariables(env: ProcessConfig['env']): Environment {
  if (typeof env !== 'function') return env;
  const failure = (problem: string, cause?: unknown) =>
    new EnvironmentError(`process.env() ${problem}`, { cause });
  let returned: unknown;
  try {
    returned = env();
  } catch (error) {
    throw failure(`threw: ${error instanceof Error ? error.message : String(error)}`, error);
  }
  const variables = environmentVariables.safeParse(returned);
  if (variables.success) return variables.data;
  const [issue] = variables.error.issues;
  const variable = issue?.path.join('.') ?? '';
  throw variable === ''
    ? failure('must return an object of strings, and not a promise')
    : failure(`must return an object of strings: ${variable}: ${issue?.message}`);
}
