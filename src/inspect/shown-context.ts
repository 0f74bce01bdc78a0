import { chartStateOf } from '../../machines/chart-state.js';
import type { SidecarContext } from '../../machines/sidecar.types.js';
import { isRecord } from '../config/is-record.js';
import type { ResolvedSidecarConfig } from '../config/schema.js';
import { redactArguments } from '../redact/redact.js';
import { redactorOf } from '../redact/redactor.js';
import { shownCause, shownExit } from './shown-cause.js';

/** Data as JSON has it, without secrets. */
export type Shown = Readonly<Record<string, unknown>>;

/** What the machine knows, without secrets, and short: neither the configuration nor the history is in it. */
export function shownContext(context: SidecarContext): Shown {
  const { lastTransition: _, process, lastExit, trouble, ...others } = chartStateOf(context);
  return withoutSecrets(context.config, {
    ...others,
    process: process && { ...process, exit: process.exit && shownExit(process.exit) },
    lastExit: lastExit && shownExit(lastExit),
    trouble: trouble && shownCause(trouble),
    readiness: context.readiness,
  });
}

/** The configuration without secrets; what is no data, such as a function for the environment, is not in it. */
export function shownConfig(config: ResolvedSidecarConfig): Shown {
  const { inspect: _, process, compile, ...others } = config;
  const redactor = redactorOf(config);
  // No process may have been given it yet.
  if (typeof process.env === 'object') redactor.learn(process.env);
  const argumentsOf = (args: readonly string[]) =>
    redactArguments(args, { names: config.redact, values: [] }).map((arg) => redactor.text(arg));
  return withoutSecrets(config, {
    ...others,
    process: { ...process, args: argumentsOf(process.args) },
    ...(compile === undefined ? {} : { compile: { ...compile, args: argumentsOf(compile.args) } }),
  });
}

/** The command line of the process, as a user would type it. */
export function shownCommand(config: ResolvedSidecarConfig): string {
  return redactorOf(config).command(config.process.command, config.process.args);
}

/** Any data of a sidecar without its secrets. */
export function withoutSecrets(config: ResolvedSidecarConfig, data: object): Shown {
  const shown = redactorOf(config).fields(data);
  return isRecord(shown) ? shown : {};
}
