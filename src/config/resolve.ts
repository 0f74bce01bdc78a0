import type { z } from 'zod';
import { type ConfigProblem, SidecarConfigError } from './config-error.js';
import { findContradictions, type PlainConfig } from './contradictions.js';
import { isRecord } from './is-record.js';
import { findLostKeys } from './lost-keys.js';
import { withBreachWindow, withTimeToRecover, withYieldingDefaults } from './ordered-settings.js';
import { type ResolvedSidecarConfig, type SidecarConfig, sidecarConfigSchema } from './schema.js';
import { describeIssues } from './schema-problems.js';
import { stateLocation } from './state-location.js';
import { isValidated, sealValidated } from './validated.js';
import { withCompiledSources } from './watch-schema.js';

/**
 * Validates a configuration and fills in the defaults. What comes out can't be changed, and is itself what comes out of
 * it when it is given again.
 *
 * @throws {SidecarConfigError} listing every problem with its path, if there is any.
 */
export function resolveConfig(config: SidecarConfig): ResolvedSidecarConfig {
  return parseConfig(config);
}

/**
 * As `resolveConfig`, for a value of which nothing is known, such as what a file holds.
 *
 * @throws {SidecarConfigError} listing every problem with its path, if there is any.
 */
export function parseConfig(config: unknown): ResolvedSidecarConfig {
  if (isValidated(config)) return config;
  const { resolved, problems } = checkConfig(config, sidecarConfigSchema);
  if (resolved === null || problems.length > 0) throw new SidecarConfigError(problems);
  return sealValidated(resolved);
}

/**
 * All that is wrong with the configuration of a sidecar, and what it comes to where its values have the right types.
 *
 * @param schema that of a sidecar, perhaps with further keys
 */
export function checkConfig<Resolved>(
  config: unknown,
  schema: z.ZodType<Resolved>,
): { readonly resolved: Resolved | null; readonly problems: readonly ConfigProblem[] } {
  const complete = withDependentDefaults(config);
  const parsed = schema.safeParse(complete, { reportInput: true });
  const others = [...findLostKeys(config), ...findContradictions(withSectionDefaults(complete))];
  if (parsed.success) return { resolved: parsed.data, problems: others };
  return { resolved: null, problems: [...describeIssues(parsed.error.issues, complete, schema), ...others] };
}

/** Gives a configuration its type in a `sidecar.config.ts`; it is validated when a sidecar is made from it. */
export function defineConfig(config: SidecarConfig): SidecarConfig {
  return config;
}

type Section = Readonly<Record<string, unknown>>;

/** The input with those defaults filled in that depend on what was set. */
function withDependentDefaults(config: unknown): unknown {
  if (!isRecord(config)) return config;
  const { process, resources, healthCheck, compile, watch } = config;
  return {
    ...config,
    stateDirectory: stateLocation(config),
    ...(isRecord(process) && { process: withYieldingDefaults('process', given(process), defaults.process) }),
    ...(isRecord(resources) && { resources: withBreachWindow(given(resources), defaults.resources) }),
    ...(isRecord(healthCheck) && { healthCheck: healthCheckWithDefaults(given(healthCheck)) }),
    ...(isRecord(watch) && { watch: withCompiledSources(given(watch), isRecord(compile) ? compile : {}) }),
  };
}

function healthCheckWithDefaults(healthCheck: Section): Section {
  const inOrder = withYieldingDefaults('healthCheck', healthCheck, defaults.healthCheck);
  return withTimeToRecover(inOrder, healthCheck, defaults.healthCheck);
}

/** What is set: `undefined` is as good as a missing key. */
function given(section: Section): Section {
  return Object.fromEntries(Object.entries(section).filter(([, value]) => value !== undefined));
}

/** Every section with the defaults for what is not set, whatever else may be wrong with it. */
function withSectionDefaults(config: unknown): PlainConfig {
  const set = isRecord(config) ? given(config) : {};
  const { transport = defaults.transport, endpoint } = set;
  const section = (key: string, preset: Section): Section => {
    const value = set[key];
    return isRecord(value) ? { ...preset, ...given(value) } : preset;
  };
  return {
    transport,
    endpoint,
    ipc: section('ipc', defaults.ipc),
    direct: section('direct', defaults.direct),
    compile: section('compile', { inputs: [], outputs: [] }),
    watch: isRecord(set['watch']) ? { paths: [], ...set['watch'] } : null,
    process: section('process', defaults.process),
    resources: section('resources', defaults.resources),
    healthCheck: section('healthCheck', defaults.healthCheck),
  };
}

const defaults = sidecarConfigSchema.parse({ process: { command: 'placeholder' } });

const { command: _required, ...processDefaults } = defaults.process;

/**
 * The seed's `defaultConfig`, and the defaults of everything added since. The program to run has no default, so
 * this is not a configuration by itself: `{ ...defaultConfig, process: { ...defaultConfig.process, command } }`.
 */
export const defaultConfig: Readonly<
  Omit<ResolvedSidecarConfig, 'process' | 'compile'> & {
    process: Omit<ResolvedSidecarConfig['process'], 'command'>;
  }
> = { ...defaults, process: processDefaults };
