import { join, parse, resolve } from 'node:path';
import { SidecarConfigError } from './config-error.js';
import type { SidecarConfig } from './schema.js';

type WithoutCommand<Section> = { [Key in keyof Section]?: Section[Key] };
type Env = NonNullable<SidecarConfig['process']['env']>;

type Sections = Omit<SidecarConfig, 'process' | 'compile'> & {
  process?: WithoutCommand<SidecarConfig['process']>;
  compile?: WithoutCommand<NonNullable<SidecarConfig['compile']>>;
};

type CompileForm = Sections & { form?: 'compile' };

type BuildForm = Sections & {
  form: 'build';
  /** Folder of the project, where `ftconfig.json` is; by default the current one. */
  root?: string;
  /** The program, relative to `root`; by default `./main.ft`. */
  entry?: string;
};

/** It compiles by itself. */
type DevForm = Omit<Sections, 'compile'> & {
  form: 'dev';
  /** Folder of the project; by default the current one. */
  root?: string;
  /** What `forst dev` is given as `-config`, relative to `root`; by default Forst looks for `ftconfig.json` itself. */
  configFile?: string;
};

/**
 * A configuration in which everything is optional. `form` says which Forst it is for:
 * - `compile` (the default): the command line of Forst's sidecar design;
 * - `build`: `forst build`, then the binary that it wrote;
 * - `dev`: `forst dev`, which compiles and reloads by itself.
 */
export type ForstConfig = CompileForm | BuildForm | DevForm;

/** The port of an embedded invoke server, and that of `forst dev`, when they listen on TCP. */
const DEFAULT_PORT = { build: 6321, dev: 6320 };

/** Forst's servers listen on the IPv4 loopback interface. */
const LOOPBACK = '127.0.0.1';

/**
 * The Forst preset: how Forst is compiled, run, reached and checked. What you give wins over the preset, key by key.
 *
 * @throws {SidecarConfigError} when there is no such form.
 */
export function forstPreset(config: ForstConfig = {}): SidecarConfig {
  switch (config.form) {
    case undefined:
    case 'compile':
      return compilePreset(config);
    case 'build':
      return buildPreset(config);
    case 'dev':
      return devPreset(config);
    default:
      throw new SidecarConfigError([{ path: 'form', message: 'must be "compile", "build" or "dev"' }]);
  }
}

/** A name that every project has does not tell whose state it is. */
function anyForst({ name }: Pick<SidecarConfig, 'name'>): Pick<SidecarConfig, 'name' | 'stateDirectory'> {
  return name === undefined ? { name: 'forst', stateDirectory: null } : {};
}

/** Sources are in `./forst`; `forst compile` writes `./dist/forst/sidecar`. */
function compilePreset({ form: _form, ...config }: CompileForm): SidecarConfig {
  const { transport, debug, environment = 'development', logLevel = 'info' } = config;
  const addressArgs = transport === 'ipc' ? ['--ipc-socket', '{socketPath}'] : ['--http-port', '{port}'];
  return {
    ...anyForst(config),
    ...config,
    compile: {
      command: 'forst',
      args: ['compile', './forst', '-o', './dist/forst'],
      inputs: ['./forst/**/*.ft'],
      outputs: ['./dist/forst/sidecar'],
      ...config.compile,
    },
    process: {
      command: './dist/forst/sidecar',
      args: debug === true ? [...addressArgs, '--debug'] : addressArgs,
      ...config.process,
      env: withOwn({ FORST_ENV: environment, FORST_LOG_LEVEL: logLevel }, config.process?.env),
    },
  };
}

/** The binary is called like its entry; that `manifest.json` says so too is known only after it was written. */
function buildPreset({ form: _form, root = '.', entry = './main.ft', ...config }: BuildForm): SidecarConfig {
  const folder = resolve(root);
  const binary = join('.forst', 'build', 'bin', parse(entry).name);
  const { transport = 'ipc' } = config;
  const isOverTcp = transport === 'http';
  const address = isOverTcp ? { ...overTcp, FORST_INVOKE_PORT: '{port}' } : {};
  return {
    ...anyForst(config),
    // Over TCP it is told where to listen, so that any free port will do.
    ...(!isOverTcp && { endpoint: readyFile(folder) }),
    ...config,
    transport,
    http: { host: LOOPBACK, port: DEFAULT_PORT.build, ...config.http },
    compile: {
      command: 'forst',
      args: ['build', '-root', '.', '-o', '.forst/build', '--', entry],
      cwd: folder,
      inputs: ['**/*.ft', '**/*.go', 'ftconfig.json', 'go.mod', 'go.sum', '!.forst/**'],
      outputs: [binary],
      ...config.compile,
    },
    process: {
      command: join(folder, binary),
      cwd: folder,
      handoffVariable: HANDOFF_VARIABLE,
      ...config.process,
      env: withOwn({ ...serverVariables(folder), ...address }, config.process?.env),
    },
    healthCheck: { liveness: healthCheckOf(config), ...config.healthCheck },
  };
}

/**
 * `forst dev` stays while its program comes and goes, so it is alive as long as its process is; whether the program
 * of the moment answers is a question of readiness, and no restart would mend a source that does not compile.
 */
function devPreset({ form: _form, root = '.', configFile, ...config }: DevForm): SidecarConfig {
  const folder = resolve(root);
  const { transport = 'ipc', http, logLevel } = config;
  const { host = LOOPBACK, port = DEFAULT_PORT.dev } = http ?? {};
  const answers = healthCheckOf(config);
  return {
    ...anyForst(config),
    // Also over TCP: it takes the next port when its own is held.
    endpoint: readyFile(folder),
    ...config,
    transport,
    http: { ...http, host, port },
    process: {
      command: 'forst',
      args: [
        ...['dev', '-root', '.', '-port', String(port)],
        ...(configFile === undefined ? [] : ['-config', configFile]),
        ...(logLevel === undefined ? [] : ['-log-level', logLevel]),
      ],
      cwd: folder,
      handoffVariable: HANDOFF_VARIABLE,
      ...config.process,
      env: withOwn({ ...serverVariables(folder), ...(transport === 'http' && overTcp) }, config.process?.env),
    },
    healthCheck: {
      startup: answers,
      liveness: { type: 'process' },
      readiness: { ...answers, body: NOT_RELOADING, interval: 500 },
      // The first compilation comes before it listens.
      startupTimeout: 120_000,
      ...config.healthCheck,
    },
    // The Go compiler runs in the same process tree.
    resources: { maxMemoryMB: 2048, maxCPUPercent: null, ...config.resources },
    // Answers of 503 while it reloads are no failures.
    client: { circuitBreaker: null, ...config.client },
  };
}

/** Names the pipe on which a Forst server hands over the token that calls are proved with. */
const HANDOFF_VARIABLE = 'FORST_INVOKE_AUTH_FD';

const overTcp = { FORST_INVOKE_TRANSPORT: 'tcp', FORST_INVOKE_HOST: '{host}' };

/** A health answer of 200 says `"reloading": true` while it lasts, and nothing of it otherwise. */
const NOT_RELOADING = /^(?!.*"reloading"\s*:\s*true)/s;

/** The Node host is this very process, so the server must not start one. */
function serverVariables(folder: string) {
  return { FORST_ROOT: folder, FORST_SKIP_NODE_HOST: '1' };
}

/** Where a Forst server says where it listens, once it does. */
function readyFile(folder: string) {
  return { from: 'file', path: join(folder, '.forst', 'invoke.ready') } as const;
}

function healthCheckOf({ healthCheck }: Pick<SidecarConfig, 'healthCheck'>) {
  return { type: 'http', path: healthCheck?.path ?? '/health', json: { success: true } } as const;
}

function withOwn(preset: Readonly<Record<string, string>>, own: Env | undefined): Env {
  if (typeof own === 'function') return () => ({ ...preset, ...own() });
  return { ...preset, ...own };
}
