import * as z from 'zod';
import { checkSchema, readinessSchema } from './check-schema.js';
import { clientSchema } from './client-schema.js';
import { inspectSchema } from './inspect-schema.js';
import { journalSchema } from './journal-schema.js';
import { logSchema, redactSchema } from './log-schema.js';
import { resourcesSchema } from './resources-schema.js';
import { directSchema, endpointSchema, httpSchema, ipcSchema } from './transport-schema.js';
import {
  count,
  type Environment,
  environmentVariables,
  milliseconds,
  nonEmptyText,
  positiveMilliseconds,
  requestPath,
  text,
  variableName,
} from './values.js';
import { watchSchema } from './watch-schema.js';

const environmentFunction = z.custom<() => Environment>((value) => typeof value === 'function');

const compile = z
  .strictObject({
    command: nonEmptyText.describe(
      'The compiler. Looked up in `node_modules/.bin` of `cwd` and its parents, then on PATH.',
    ),
    args: z.array(text).default([]).describe('Its arguments, passed as they are, without a shell.'),
    shell: z
      .boolean()
      .default(false)
      .describe('Run `command` and `args` as one line of the system shell instead.'),
    cwd: nonEmptyText
      .default('.')
      .describe('Folder that it runs in; `inputs` and `outputs` are relative to it.'),
    env: environmentVariables.default({}).describe('Environment variables to add to those of this process.'),
    timeout: positiveMilliseconds
      .default(300_000)
      .describe('Longest time that a compilation may take, in milliseconds.'),
    inputs: z
      .array(nonEmptyText)
      .default([])
      .describe('Globs of the sources. With `outputs`, lets an up-to-date compilation be skipped.'),
    outputs: z.array(nonEmptyText).default([]).describe('Files that the compiler writes.'),
  })
  .describe('How to make the sidecar from its sources; leave it out when there is nothing to compile.');

const processSection = z
  .strictObject({
    command: nonEmptyText.describe(
      'The program to run: a name on PATH, or a path (absolute, or relative to `cwd`). With the transport `direct`, the path of the shared library.',
    ),
    args: z
      .array(text)
      .default([])
      .describe('Its arguments. `{port}`, `{host}`, `{socketPath}`, `{cors}` and `{name}` are filled in.'),
    cwd: nonEmptyText.default('.').describe('Folder that the program runs in.'),
    env: z
      .union([environmentVariables, environmentFunction], {
        error: 'must be an object of strings or a function that returns one',
      })
      .default({})
      .describe(
        'Environment variables to add to those of this process, or a function that returns them; evaluated anew for each incarnation. Templates as in `args`.',
      ),
    autoRestart: z
      .boolean()
      .default(true)
      .describe('Restart after a crash, a start-up timeout, failing health or a broken limit.'),
    restartDelay: milliseconds
      .default(5000)
      .describe('Delay before the first automatic restart, in milliseconds.'),
    maxRestarts: z
      .int()
      .min(0)
      .max(10_000)
      .default(5)
      .describe('Most automatic restarts within `restartWindow`, whatever their causes.'),
    restartWindow: positiveMilliseconds
      .default(600_000)
      .describe('Sliding window in which `maxRestarts` counts, in milliseconds.'),
    backoffFactor: z
      .number()
      .min(1)
      .max(100)
      .default(2)
      .describe('Each further delay is longer by this factor.'),
    maxRestartDelay: milliseconds
      .default(60_000)
      .describe('Longest delay before a restart, in milliseconds.'),
    restartJitter: z
      .number()
      .min(0)
      .max(1)
      .default(0.2)
      .describe('Largest fraction by which chance shortens a delay; 0.2 never goes below 80 % of it.'),
    stableAfter: positiveMilliseconds
      .default(60_000)
      .describe('Time in `running` after which the restart budget is full again, in milliseconds.'),
    stopSignal: z
      .enum(['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'])
      .default('SIGTERM')
      .describe('Signal that asks the process group to end.'),
    stopTimeout: milliseconds
      .default(10_000)
      .describe('Grace period between `stopSignal` and SIGKILL, in milliseconds.'),
    killTimeout: positiveMilliseconds
      .default(5000)
      .describe('How long after SIGKILL the process counts as unkillable, in milliseconds.'),
    tailLines: z.int().min(0).max(1000).default(50).describe('How many of the last output lines are kept.'),
    handoffVariable: variableName
      .optional()
      .describe(
        'Environment variable that is given the number of an inherited pipe, on which the process hands over one line, such as a secret.',
      ),
    unref: z
      .boolean()
      .default(false)
      .describe('Let the host exit when only the sidecar is left (the sidecar then ends with it).'),
  })
  .describe('The program, and what happens when it ends.');

const healthCheck = z
  .strictObject({
    path: requestPath
      .default('/health')
      .describe(
        'What the default check GETs, over TCP or the Unix socket; any 2xx answer passes. Not used once `liveness` is set.',
      ),
    startup: checkSchema
      .optional()
      .describe(
        'What a new process must pass before anything else is checked; by default the liveness check.',
      ),
    liveness: checkSchema
      .optional()
      .describe('What must keep passing; failing it leads to a restart. By default a GET of `path`.'),
    readiness: readinessSchema
      .optional()
      .describe('Whether requests may be sent now. Failing it only makes them wait, and never restarts.'),
    confirmListener: z
      .boolean()
      .default(true)
      .describe(
        'On Linux, a check over a socket passes only when that socket is listened on by the process group of the sidecar. Turn it off when something else listens in its place, such as the proxy of a container.',
      ),
    interval: positiveMilliseconds
      .default(30_000)
      .describe('Time between two checks of a healthy sidecar, in milliseconds.'),
    retryInterval: positiveMilliseconds
      .default(1000)
      .describe('Time between two checks once one has failed, in milliseconds.'),
    timeout: positiveMilliseconds
      .default(5000)
      .describe('Deadline of one check, in milliseconds; time in which the host was blocked does not count.'),
    failureThreshold: count.default(3).describe('Consecutive failures before the sidecar is degraded.'),
    successThreshold: count.default(1).describe('Consecutive passes before the sidecar is healthy (again).'),
    startupTimeout: positiveMilliseconds
      .default(30_000)
      .describe('How long a new process may take to pass its first check, in milliseconds.'),
    degradedTimeout: positiveMilliseconds
      .default(10_000)
      .describe(
        'How long the sidecar may stay degraded before it is restarted, in milliseconds; at least `retryInterval` times `successThreshold`.',
      ),
    cacheFor: milliseconds
      .default(5000)
      .describe('How long `isHealthy()` answers from the last check, in milliseconds.'),
  })
  .prefault({})
  .describe('How health is checked.');

/** The whole configuration: types, defaults, validation, JSON Schema and the reference page come from here. */
export const sidecarConfigSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Lets an editor find the JSON Schema; has no other meaning.'),
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
        error: 'must be 1 to 64 letters, digits, ".", "_" or "-", and start with a letter or digit',
      })
      .default('sidecar')
      .describe('What the sidecar is called in messages.'),
    transport: z
      .enum(['http', 'ipc', 'direct'])
      .default('http')
      .describe(
        'How the host reaches the sidecar: HTTP over TCP, HTTP over a Unix domain socket, or calls into a shared library.',
      ),
    http: httpSchema,
    ipc: ipcSchema,
    direct: directSchema,
    endpoint: endpointSchema.optional(),
    compile: compile.optional(),
    watch: watchSchema.optional(),
    process: processSection,
    resources: resourcesSchema,
    healthCheck,
    client: clientSchema,
    log: logSchema.optional(),
    redact: redactSchema,
    journal: journalSchema,
    inspect: inspectSchema,
    stateDirectory: nonEmptyText
      .nullable()
      .default(null)
      .describe(
        'Folder for what must outlive this process: whose the sidecar is, and what an earlier run left. By default, with a `name` of its own, `$XDG_RUNTIME_DIR/sidecar-machine/<name>` (or `sidecar-machine-<uid>/<name>` in the temporary folder), and without one none. `null`: none.',
      ),
    takeover: z
      .boolean()
      .default(false)
      .describe(
        'When another program that is alive runs this sidecar (the same state directory): `false` fails, naming it; `true` makes it stop its sidecar, and goes on.',
      ),
    lazy: z.boolean().default(false).describe('Start it with the first request instead of at once.'),
    idleTimeout: positiveMilliseconds
      .nullable()
      .default(null)
      .describe(
        'Stop it once no request was made and no stream was open for this long, in milliseconds; the next request starts it again. `null`: never.',
      ),
    debug: z.boolean().default(false).describe('Told to the sidecar by presets that have a debug switch.'),
    environment: nonEmptyText.default('development').describe('Told to the sidecar by presets.'),
    logLevel: nonEmptyText.default('info').describe('Told to the sidecar by presets.'),
  })
  .describe('Configuration of one sidecar.');

/** What a user writes: only `process.command` is required. */
export type SidecarConfig = z.input<typeof sidecarConfigSchema>;

/** A validated configuration with every default filled in. */
export type ResolvedSidecarConfig = z.output<typeof sidecarConfigSchema>;

export type CompileConfig = NonNullable<ResolvedSidecarConfig['compile']>;
export type ProcessConfig = ResolvedSidecarConfig['process'];
export type HealthCheckConfig = ResolvedSidecarConfig['healthCheck'];
export type ResourcesConfig = ResolvedSidecarConfig['resources'];
export type DirectConfig = ResolvedSidecarConfig['direct'];
export type EndpointConfig = NonNullable<ResolvedSidecarConfig['endpoint']>;
