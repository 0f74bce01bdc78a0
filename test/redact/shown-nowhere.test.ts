import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type CheckConfig, explainTransition, type SidecarConfig } from '../../src/index.js';
import { compilerConfig } from '../support/compile-config.js';
import { serverArgs, serverConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { type WatchedSidecar, watch } from '../support/watched-sidecar.js';

const SECRET = 'hunter2-and-more';

/** All that is shown of a sidecar, but the lines that it prints, which are passed on as they are. */
async function shown(watched: WatchedSidecar): Promise<string> {
  const { sidecar, events } = watched;
  const told = events.filter(({ type }) => type !== 'output');
  const parts = [
    await watched.started,
    await sidecar.fetch('/').catch((error: unknown) => error),
    told,
    sidecar.status(),
    sidecar.history(),
    sidecar.history().map(explainTransition),
    await sidecar.health(),
  ];
  return parts.map((part) => `${String(part)} ${inspect(part, { depth: 20 })}`).join('\n');
}

/** A process that shows the secret in its last words. */
const lastWords = (variable: string) => [
  '-e',
  `console.error('connecting with ' + process.env.${variable}); console.log(process.argv.join(' ')); process.exit(4)`,
];

const once = { autoRestart: false };

describe('a secret is not shown', () => {
  it.each<[string, SidecarConfig]>([
    [
      'of the environment',
      serverConfig({}, { process: { ...once, args: lastWords('API_KEY'), env: { API_KEY: SECRET } } }),
    ],
    [
      'of an environment that a function gives',
      serverConfig(
        {},
        { process: { ...once, args: lastWords('DB_PASSWORD'), env: () => ({ DB_PASSWORD: SECRET }) } },
      ),
    ],
    [
      'of a URL in the environment',
      serverConfig(
        {},
        {
          process: {
            ...once,
            args: lastWords('DATABASE_URL'),
            env: { DATABASE_URL: `postgres://ada:${SECRET}@db/x` },
          },
        },
      ),
    ],
    [
      'of the arguments',
      serverConfig({}, { process: { ...once, args: [...lastWords('HOME'), '--', '--token', SECRET] } }),
    ],
    [
      'that is called so by the configuration',
      serverConfig(
        {},
        {
          redact: ['LICEN*'],
          process: { ...once, args: lastWords('LICENCE'), env: { LICENCE: SECRET } },
        },
      ),
    ],
    [
      'of the compiler',
      compilerConfig([`--message=with ${SECRET}`, '--exitCode=3', `--password=${SECRET}`], {
        env: { NPM_TOKEN: SECRET },
      }),
    ],
    [
      'of a compiler that is not there',
      compilerConfig([], { command: 'no-such-compiler', args: ['--token', SECRET] }),
    ],
  ])('%s', async (_, config) => {
    const watched = watch(config).start();
    await watched.entered('stopped');
    const text = await shown(watched);
    expect(text).toContain('stopped');
    expect(text).toContain('[redacted]');
    expect(text).not.toContain(SECRET);
  });

  it.each<[string, CheckConfig]>([
    [
      'that runs a command',
      {
        type: 'exec',
        command: 'sh',
        args: ['-c', 'echo "no entry with $API_KEY"; exit 1', 'check', '--token', SECRET],
      },
    ],
    ['of a path', { type: 'http', path: `/no-health?token=${SECRET}`, headers: {} }],
  ])('of a check %s', async (_, liveness) => {
    const config = serverConfig({}, { process: { env: { API_KEY: SECRET } }, healthCheck: { liveness } });
    const watched = watch(config).start();
    await watched.next('health-checked', ({ report }) => !report.passed && /redacted/.test(report.check));
    await watched.stopsCleanly();
    expect(await shown(watched)).not.toContain(SECRET);
  });

  it('that this program has and every child inherits', async () => {
    process.env['OUR_TEST_SECRET'] = SECRET;
    onTestFinished(() => {
      delete process.env['OUR_TEST_SECRET'];
    });
    const watched = watch(
      serverConfig({}, { process: { ...once, args: lastWords('OUR_TEST_SECRET') } }),
    ).start();
    const { tail } = await watched.next('process-death');
    expect(tail).toContain('connecting with [redacted]');
    expect(await shown(watched)).not.toContain(SECRET);
  });

  it('of a program that can not be started', async () => {
    const command = join(await tempFolder(), `server --token=${SECRET}`);
    await writeFile(command, '');
    await chmod(command, 0o644);
    const watched = watch(serverConfig({}, { process: { command } })).start();
    await watched.entered('stopped');
    expect(await shown(watched)).not.toContain(SECRET);
  });

  it('of somebody else who holds the port', { skip: process.platform !== 'linux' }, async () => {
    const holder = watch(
      serverConfig(
        {},
        { process: { args: [...serverArgs(), '--', `--password=${SECRET}`, '--api-key', SECRET] } },
      ),
    );
    await holder.run();
    const { endpoint } = holder.sidecar.status();
    const port = endpoint?.transport === 'http' ? endpoint.port : 0;
    const watched = watch(serverConfig({}, { http: { host: '127.0.0.1', port }, process: once })).start();
    await watched.entered('stopped');
    const text = await shown(watched);
    expect(text).toContain(`held by pid ${holder.pid}`);
    expect(text).toContain('--password=[redacted] --api-key [redacted]');
    expect(text).not.toContain(SECRET);
  });
});
