import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAnnouncement } from '../../src/process/announced-endpoint.js';
import { rejection } from '../support/outcome.js';
import { serverArgs, serverConfig, shellConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { watch } from '../support/watched-sidecar.js';

const HOST = '127.0.0.1';

/** A server that chooses its port by itself and says so in its own way. */
function choosingConfig(announce: string, sections: Parameters<typeof serverConfig>[1] = {}) {
  const script = `const server = require('node:http').createServer((request, response) => response.end());
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      ${announce}
    });`;
  return serverConfig({}, { ...sections, process: { args: ['-e', script], ...sections.process } });
}

describe('a sidecar that chooses where it listens', () => {
  it.each([
    ['a URL', "console.log('Listening on http://127.0.0.1:' + port + '/')", /Listening on (http:\S+)/],
    ['a port', "console.log('port ' + port)", /^port (\d+)$/],
    ['a port by its name', "console.log('port ' + port)", /^port (?<port>\d+)$/],
    [
      'a host and a port',
      "console.error('at 127.0.0.1 port ' + port)",
      /^at (?<host>\S+) port (?<port>\d+)( over TLS)?$/,
    ],
    ['one of several', "console.log('tcp/' + port)", /^(?:unix:(?<socketPath>.+)|tcp.(?<port>\d+))$/],
  ])('says so with %s in a line', async (_what, announce, pattern) => {
    const watched = await watch(
      choosingConfig(`console.log('starting'); ${announce}`, { endpoint: { from: 'log', pattern } }),
    ).run();
    const [spawned] = watched.all('spawned');
    expect(spawned?.endpoint).toBeNull();
    const [announced] = watched.all('endpoint-announced');
    expect(announced).toMatchObject({ generation: 1, endpoint: { transport: 'http', host: HOST } });
    expect(watched.sidecar.status().endpoint).toEqual(announced?.endpoint);
    const response = await fetch(`${watched.origin}/health`);
    expect(response.status).toBe(200);
    await watched.stopsCleanly();
  });

  it('says so with a JSON file, and that of an earlier start is not believed', async () => {
    const cwd = await tempFolder();
    await writeFile(join(cwd, 'endpoint.json'), JSON.stringify({ host: HOST, port: 1 }));
    const watched = await watch(
      choosingConfig("require('fs').writeFileSync('endpoint.json', JSON.stringify({ port }))", {
        endpoint: { from: 'file', path: 'endpoint.json' },
        process: { cwd },
      }),
    ).run();
    expect(watched.all('endpoint-announced')).toHaveLength(1);
    expect(watched.sidecar.status().endpoint).not.toMatchObject({ port: 1 });
    await watched.stopsCleanly();
  });

  it('may write that file in pieces', async () => {
    const cwd = await tempFolder();
    const watched = await watch(
      choosingConfig(
        `const fs = require('fs'); const text = JSON.stringify({ url: 'http://127.0.0.1:' + port });
        fs.writeFileSync('endpoint.json', text.slice(0, 10));
        setTimeout(() => fs.appendFileSync('endpoint.json', text.slice(10)), 300);`,
        { endpoint: { from: 'file', path: 'endpoint.json' }, process: { cwd } },
      ),
    ).run();
    expect(watched.all('warning')).toEqual([]);
    await watched.stopsCleanly();
  });

  it('says so on the notify descriptor', async () => {
    const watched = await watch(
      choosingConfig(
        "require('fs').writeSync(Number(process.env.NOTIFY_FD), 'X_ENDPOINT=http://127.0.0.1:' + port + '\\n')",
        { endpoint: { from: 'notify' } },
      ),
    ).run();
    expect(watched.all('endpoint-announced')).toHaveLength(1);
    await watched.stopsCleanly();
  });

  it('may choose a Unix socket, relative to its folder', async () => {
    const cwd = await tempFolder();
    const config = shellConfig('', {
      endpoint: { from: 'log', pattern: /^listening on (unix:.*)$/ },
      process: { cwd, command: process.execPath, args: serverArgs(), env: { SOCKET_PATH: './own.sock' } },
    });
    const watched = await watch(config).run();
    expect(watched.sidecar.status().endpoint).toEqual({
      transport: 'ipc',
      socketPath: join(cwd, 'own.sock'),
    });
    await watched.stopsCleanly();
  });

  it('says so anew in each incarnation', async () => {
    const watched = await watch(
      choosingConfig("console.log('port ' + port)", { endpoint: { from: 'log', pattern: /^port (\d+)$/g } }),
    ).run();
    for (const next of [2, 3]) {
      const { endpoint } = watched.sidecar.status();
      process.kill(watched.pid, 'SIGKILL');
      await watched.entered('waitingHealthy');
      const announced = await watched.next('endpoint-announced');
      expect(announced.generation).toBe(next);
      await watched.next('healthy', ({ generation }) => generation === next);
      expect(watched.sidecar.status().endpoint).toEqual(announced.endpoint);
      expect(announced.endpoint).not.toEqual(endpoint);
    }
    await watched.stopsCleanly();
  });

  it('is not healthy while it has not said so', async () => {
    const watched = watch(choosingConfig('', { endpoint: { from: 'notify' } })).start();
    const { report } = await watched.next('health-checked');
    expect(report).toMatchObject({ passed: false, error: 'it has not said yet where it listens' });
    await watched.stopsCleanly();
  });

  it('that says something useless is warned of, and is why it does not start', async () => {
    const watched = watch(
      choosingConfig("console.log('at https://127.0.0.1')", {
        endpoint: { from: 'log', pattern: /^at (.*)$/ },
        healthCheck: { startupTimeout: 1500, timeout: 500 },
        process: { autoRestart: false },
      }),
    );
    const failed = rejection(watched.sidecar.start());
    const { message } = await watched.next('warning');
    const said =
      'the sidecar said that it listens on "https://127.0.0.1", which can\'t be used: it is not an http: URL';
    expect(message).toContain(said);
    expect(watched.sidecar.status().endpoint).toBeNull();
    expect(await failed).toMatchObject({
      name: 'SidecarStartError',
      message: expect.stringContaining(said),
    });
  });

  it('after it is up is checked where it listens then', async () => {
    const watched = await watch(
      choosingConfig(
        `process.on('SIGUSR2', () => require('fs').writeSync(3, 'X_ENDPOINT=' + port + '\\n'));
        require('fs').writeSync(3, 'READY=1\\n');`,
        {
          endpoint: { from: 'notify' },
          healthCheck: { startup: { type: 'notify' }, failureThreshold: 1_000_000 },
        },
      ),
    ).run();
    const { report: silent } = await watched.next('health-checked', ({ report }) => !report.passed);
    expect(silent).toMatchObject({ error: 'it has not said yet where it listens' });
    process.kill(watched.pid, 'SIGUSR2');
    await watched.next('endpoint-announced');
    const { report } = await watched.next('health-checked', (event) => event.report.passed);
    expect(report.check).toBe(`GET ${watched.origin}/health`);
    await watched.stopsCleanly();
  });

  it('may move', async () => {
    const watched = await watch(
      choosingConfig(
        `const fs = require('fs'); fs.writeSync(3, 'X_ENDPOINT=' + port + '\\n');
        process.on('SIGUSR2', () => server.close(() => server.listen(0, '127.0.0.1', () =>
          fs.writeSync(3, 'X_ENDPOINT=' + server.address().port + '\\n'))));`,
        { endpoint: { from: 'notify' }, healthCheck: { readiness: { path: '/' } } },
      ),
    ).run();
    const first = watched.origin;
    process.kill(watched.pid, 'SIGUSR2');
    await watched.next('endpoint-announced');
    expect(watched.origin).not.toBe(first);
    const moved = watched.origin;
    await watched.next('health-checked', ({ report }) => report.passed && report.check.includes(moved));
    await watched.next('readiness-checked', ({ report }) => report.passed && report.check.includes(moved));
    await watched.stopsCleanly();
  });
});

describe('an announcement', () => {
  const read = (announced: unknown) => readAnnouncement(announced, 'localhost', '/srv/app');

  it.each([
    ['8080', { transport: 'http', host: 'localhost', port: 8080 }],
    ['http://example.test', { transport: 'http', host: 'example.test', port: 80 }],
    ['http://[::1]:8080/path', { transport: 'http', host: '::1', port: 8080 }],
    ['unix:/run/a.sock', { transport: 'ipc', socketPath: '/run/a.sock' }],
    ['unix:///run/a.sock', { transport: 'ipc', socketPath: '/run/a.sock' }],
    ['unix:a.sock', { transport: 'ipc', socketPath: '/srv/app/a.sock' }],
    [{ port: 8080 }, { transport: 'http', host: 'localhost', port: 8080 }],
    [
      { port: '8080', host: '::1' },
      { transport: 'http', host: '::1', port: 8080 },
    ],
    [
      { socketPath: 'a.sock', port: undefined },
      { transport: 'ipc', socketPath: '/srv/app/a.sock' },
    ],
    [
      { url: 'http://127.0.0.1:1', pid: 12 },
      { transport: 'http', host: '127.0.0.1', port: 1 },
    ],
  ])('%j is understood', (announced, endpoint) => {
    expect(read(announced)).toEqual(endpoint);
  });

  it.each([
    ['nonsense', 'it is not an http: URL'],
    ['ftp://127.0.0.1', 'it is not an http: URL'],
    ['0', 'Too small'],
    ['70000', 'Too big'],
    [{}, 'it has neither `url`, `port` nor `socketPath`'],
    [{ host: 'localhost' }, 'it has neither'],
    [{ port: true }, 'Invalid input'],
    [{ port: '80a' }, 'Invalid'],
    [{ port: null }, 'Invalid input'],
    [undefined, 'expected object'],
    [null, 'expected object'],
    [[8080], ''],
  ])('%j is not', (announced, why) => {
    expect(() => read(announced)).toThrow(new RegExp(`which can't be used: .*(?:${why})`, 's'));
  });
});
