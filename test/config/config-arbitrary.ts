import fc from 'fast-check';
import type { SidecarConfig } from '../../src/index.js';
import { checks, type Reach } from './check-arbitrary.js';
import {
  count,
  MAX_TIMER,
  milliseconds,
  nonEmptyText,
  optional,
  positiveMilliseconds,
  text,
} from './value-arbitraries.js';

const limit = fc.option(fc.double({ min: 0.1, max: 1e6, noNaN: true }));
const environment = fc.dictionary(fc.stringMatching(/^[A-Z_]{1,8}$/), text, { maxKeys: 3 });

const http = fc.record(
  {
    port: fc.integer({ min: 0, max: 65_535 }),
    host: fc.stringMatching(/^[A-Za-z0-9._:-]{1,20}$/),
    cors: fc.boolean(),
  },
  optional,
);

const ipc = fc.record(
  { socketPath: nonEmptyText, permissions: fc.integer({ min: 0, max: 0o777 }) },
  optional,
);

type Globs = Pick<NonNullable<SidecarConfig['compile']>, 'inputs' | 'outputs'>;

const compile = fc
  .record(
    {
      command: nonEmptyText,
      args: fc.array(text, { maxLength: 3 }),
      shell: fc.boolean(),
      cwd: nonEmptyText,
      env: environment,
      timeout: positiveMilliseconds,
      globs: fc.constantFrom<Globs>({}, { inputs: ['src/**'], outputs: ['build/server'] }),
    },
    { requiredKeys: ['command', 'globs'] },
  )
  .map(({ globs, ...rest }) => ({ ...rest, ...globs }));

const watch = fc.record(
  {
    paths: fc.array(nonEmptyText, { minLength: 1, maxLength: 3 }),
    ignore: fc.array(nonEmptyText, { maxLength: 2 }),
    cwd: nonEmptyText,
    delay: milliseconds,
  },
  { requiredKeys: ['paths'] },
);

const processSection = fc
  .record(
    {
      command: nonEmptyText,
      args: fc.array(text, { maxLength: 3 }),
      cwd: nonEmptyText,
      env: fc.oneof(
        environment,
        environment.map((variables) => () => variables),
      ),
      autoRestart: fc.boolean(),
      restartDelay: milliseconds,
      longer: fc.record({ maxRestartDelay: milliseconds, restartWindow: positiveMilliseconds }, optional),
      maxRestarts: fc.integer({ min: 0, max: 10_000 }),
      backoffFactor: fc.double({ min: 1, max: 100, noNaN: true }),
      restartJitter: fc.double({ min: 0, max: 1, noNaN: true }),
      stableAfter: positiveMilliseconds,
      stopSignal: fc.constantFrom('SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'),
      stopTimeout: milliseconds,
      killTimeout: positiveMilliseconds,
      tailLines: fc.integer({ min: 0, max: 1000 }),
      unref: fc.boolean(),
    },
    { requiredKeys: ['command', 'restartDelay', 'longer'] },
  )
  .map(({ longer, restartDelay, ...rest }) => ({
    ...rest,
    ...longer,
    restartDelay: Math.min(restartDelay, ...Object.values(longer)),
  }));

const action = fc.constantFrom('restart' as const, 'degrade' as const, 'report' as const);

const hard = fc.record(
  {
    memoryMB: limit,
    addressSpaceMB: limit,
    fileDescriptors: fc.option(fc.integer({ min: 8, max: 1_000_000 })),
    nice: fc.option(fc.integer({ min: -20, max: 19 })),
    cpus: fc.option(fc.constantFrom('0', '0-3', '0,2-5,7')),
  },
  optional,
);

/** A soft limit is less than the other, its default included. */
const resources = fc
  .record(
    {
      maxMemoryMB: limit,
      maxCPUPercent: limit,
      maxFileDescriptors: limit,
      softly: fc.boolean(),
      onMemory: action,
      onCPU: action,
      onFileDescriptors: action,
      interval: fc.integer({ min: 500, max: MAX_TIMER }),
      breaches: fc.oneof(
        fc.record({ breachThreshold: count }, optional),
        fc.record({ breachWindow: count }),
        fc
          .tuple(count, count)
          .map(([a, b]) => ({ breachThreshold: Math.min(a, b), breachWindow: Math.max(a, b) })),
      ),
      hard,
    },
    { requiredKeys: ['breaches'] },
  )
  .map(({ breaches, softly, ...rest }) => ({
    ...rest,
    ...breaches,
    ...(softly && {
      softMemoryMB: (rest.maxMemoryMB ?? 512) / 2,
      softCPUPercent: rest.maxCPUPercent === null ? 1000 : (rest.maxCPUPercent ?? 80) / 2,
      softFileDescriptors: null,
    }),
  }));

/** A library has no process that the system could limit. */
function withoutHard<Resources extends object>(section: Resources): Omit<Resources, 'hard'> {
  return { ...section, hard: {} };
}

/** What must be in order is made so; one of a pair may be missing only where a default follows it. */
const healthCheck = fc
  .record(
    {
      path: fc.stringMatching(/^\/[a-z/]{0,10}$/),
      waits: fc.oneof(
        fc.record({ interval: positiveMilliseconds }, optional),
        fc
          .tuple(fc.integer({ min: 1, max: 1_000_000 }), positiveMilliseconds)
          .map(([a, b]) => ({ retryInterval: Math.min(a, b), interval: Math.max(a, b) })),
      ),
      limits: fc.oneof(
        fc.record({ startupTimeout: positiveMilliseconds }, optional),
        fc
          .tuple(positiveMilliseconds, positiveMilliseconds)
          .map(([a, b]) => ({ timeout: Math.min(a, b), startupTimeout: Math.max(a, b) })),
      ),
      failureThreshold: count,
      successThreshold: count,
      degradedTimeout: positiveMilliseconds,
      cacheFor: milliseconds,
      confirmListener: fc.boolean(),
    },
    { requiredKeys: ['waits', 'limits'] },
  )
  .map(({ waits, limits, degradedTimeout, ...rest }) => ({
    ...rest,
    ...waits,
    ...limits,
    ...(degradedTimeout !== undefined && {
      degradedTimeout: Math.max(degradedTimeout, shortestRecovery({ ...waits, ...rest })),
    }),
  }));

function shortestRecovery(given: { retryInterval?: number; successThreshold?: number }): number {
  const { retryInterval = 1, successThreshold = 1 } = given;
  return retryInterval * successThreshold;
}

const client = fc.record(
  {
    waitForReady: milliseconds,
    maxWaiting: fc.nat(),
    connections: count,
    retry: fc.boolean(),
    circuitBreaker: fc.option(fc.record({ threshold: count, openFor: positiveMilliseconds }, optional)),
    fallback: fc.constant(() => new Response('busy')),
  },
  optional,
);

const endpoint = fc.oneof(
  fc.record(
    {
      from: fc.constant('log' as const),
      pattern: fc.constantFrom<string | RegExp>('on (.+)', /:(?<port>\d+)/, /(?<url>http:\S+)/i),
      stream: fc.constantFrom('stdout', 'stderr'),
    },
    { requiredKeys: ['from', 'pattern'] },
  ),
  fc.record({ from: fc.constant('file' as const), path: nonEmptyText }),
  fc.record({ from: fc.constant('notify' as const) }),
);

const direct = fc.record(
  {
    functions: fc.dictionary(fc.stringMatching(/^[A-Za-z_]\w{0,8}$/), fc.constantFrom('int', 'char *')),
    health: fc.stringMatching(/^[A-Za-z_]\w{0,8}$/),
  },
  optional,
);

/** Where it listens, if anywhere. */
function transport(reach: Reach): fc.Arbitrary<Pick<SidecarConfig, 'transport' | 'endpoint' | 'direct'>> {
  switch (reach) {
    case 'port':
      return fc.record({ transport: fc.constant('http') }, optional);
    case 'socket':
      return fc.constant({ transport: 'ipc' });
    case 'announced':
      return fc.record(
        { transport: fc.constantFrom('http', 'ipc'), endpoint },
        { requiredKeys: ['endpoint'] },
      );
    case 'library':
      return fc.record({ transport: fc.constant('direct'), direct: direct.map(withPrototypes) });
  }
}

function withPrototypes({ functions, ...rest }: { functions?: Record<string, string>; health?: string }) {
  if (functions === undefined) return rest;
  const prototypes = Object.entries(functions).map(([name, returned]) => [
    name,
    `${returned} ${name}(int a)`,
  ]);
  return { ...rest, functions: Object.fromEntries(prototypes) };
}

function configOf(reach: Reach): fc.Arbitrary<SidecarConfig> {
  const handoff = fc.record({ handoffVariable: fc.stringMatching(/^[A-Z]{1,8}_PIPE$/) }, optional);
  const sections = fc.record(
    {
      name: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/),
      http,
      ipc,
      compile,
      watch,
      process: processSection,
      resources,
      healthCheck,
      client,
      stateDirectory: fc.option(nonEmptyText),
      takeover: fc.boolean(),
      journal: fc.oneof(
        fc.constant(false as const),
        fc.record(
          { maxBytes: fc.integer({ min: 262_144, max: 1e9 }), files: fc.integer({ min: 1, max: 1000 }) },
          { requiredKeys: [] },
        ),
      ),
      inspect: fc.oneof(
        fc.boolean(),
        fc.record(
          {
            host: nonEmptyText,
            port: fc.integer({ min: 0, max: 65_535 }),
            token: fc.stringMatching(/^[\w.~-]{16,40}$/),
            readOnly: fc.boolean(),
            development: fc.boolean(),
          },
          { requiredKeys: [] },
        ),
      ),
      lazy: fc.boolean(),
      idleTimeout: fc.option(positiveMilliseconds),
      debug: fc.boolean(),
      environment: nonEmptyText,
      logLevel: nonEmptyText,
    },
    { requiredKeys: ['process'] },
  );
  return fc
    .tuple(sections, transport(reach), checks(reach), handoff)
    .map(([{ process, ...rest }, reached, checked, handed]) => ({
      ...rest,
      ...reached,
      healthCheck: { ...rest.healthCheck, ...checked },
      process: reach === 'library' ? process : { ...process, ...handed },
      ...(reach === 'library' && rest.resources && { resources: withoutHard(rest.resources) }),
    }));
}

/** Every configuration that a user may write: any keys left out, any values within their bounds. */
export const validConfig: fc.Arbitrary<SidecarConfig> = fc.oneof(
  configOf('port'),
  configOf('socket'),
  configOf('announced'),
  configOf('library'),
);
