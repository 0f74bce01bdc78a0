import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { inspectOf } from '../../src/cli/inspector.js';
import { LookingOn } from '../inspect/looking-on.js';
import { serverConfig, shellConfig } from '../support/server-config.js';
import { eventually } from '../support/within.js';
import { SidecarCommand } from './command.js';
import { fleetFolder } from './service-folder.js';

const ADDRESS = /^sidecar: watch it at (http:\/\/\S+)$/m;

/** The address that it prints. */
async function pageOf(command: SidecarCommand): Promise<URL> {
  await eventually(() => ADDRESS.test(command.errors), 'the address of the inspector');
  return new URL(ADDRESS.exec(command.errors)?.[1] ?? '');
}

/** A port that is taken as long as the test runs. */
async function takenPort(): Promise<number> {
  const server = createServer();
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it listens nowhere');
  return address.port;
}

const asIs = { stateDirectory: null } as const;

it.each([
  [undefined, undefined, true, true],
  [undefined, undefined, false, false],
  [undefined, true, false, true],
  [true, undefined, false, true],
  [false, undefined, true, false],
  [true, false, true, false],
  [{ readOnly: true }, true, false, { readOnly: true }],
  [{ readOnly: true }, '8710', false, { readOnly: true, host: '127.0.0.1', port: 8710 }],
])(
  'with %j in the configuration and the flag %j, on a terminal (%j): %j',
  (configured, flag, isTerminal, shown) => {
    expect(inspectOf(configured, flag, isTerminal)).toEqual(shown);
  },
);

describe('sidecar run', () => {
  it('prints where its sidecars can be watched, tells of their end, and takes no command while it stops', async () => {
    const slow = serverConfig({ termDelay: 1500 }, asIs);
    const folder = await fleetFolder({ sidecars: { db: serverConfig({}, asIs), api: slow } });
    const command = new SidecarCommand(folder, ['run', '--inspect']);
    const page = await pageOf(command);
    expect(page.hostname).toBe('127.0.0.1');
    const viewer = new LookingOn(page);
    await viewer.next('service.recent');
    await viewer.next('service.recent');
    await command.printed(/ api +running /);
    await command.printed(/ db +running /);
    command.signal('SIGINT');
    await viewer.next('service.transition', ({ transition }) => transition.to === 'stopping.terminating');
    viewer.send('db', { type: 'START' });
    expect((await viewer.next('service.refused')).reason).toBe('the service is being stopped');
    expect((await command.ended()).code).toBe(0);
    expect(await viewer.closed()).toBe(1001);
    const last = viewer.all('service.transition').filter(({ transition }) => transition.to === 'stopped');
    expect(last.map(({ sessionId }) => sessionId).toSorted()).toEqual(['api', 'db']);
  });

  it('serves the page where the user or the configuration says, or not at all', async () => {
    const config = shellConfig('exec sleep 60', { ...asIs, healthCheck: { liveness: { type: 'process' } } });
    const token = 'of-the-configuration';
    const quiet = await fleetFolder({ sidecars: { api: config }, inspect: false });
    const told = await fleetFolder({ sidecars: { api: config }, inspect: { readOnly: true, token } });
    const runs = [
      new SidecarCommand(quiet, ['run']),
      new SidecarCommand(told, ['run', '--no-inspect']),
      new SidecarCommand(told, ['run', '--inspect', 'localhost:0', '--no-control']),
    ];
    const [first, second, third] = runs;
    for (const command of runs) await command.printed(/ api +running /);
    expect(first?.errors).toBe('');
    if (third === undefined) throw new Error('there is none');
    const page = await pageOf(third);
    expect(page).toMatchObject({ hostname: 'localhost', hash: `#token=${token}` });
    const viewer = new LookingOn(page);
    expect(await viewer.next('service.hello')).toMatchObject({ readOnly: true });
    for (const command of runs) command.signal('SIGTERM');
    for (const command of runs) expect((await command.ended()).code).toBe(0);
    expect(second?.errors).not.toMatch(ADDRESS);
  });

  it('ends with 1 where it was told to serve it and can not', async () => {
    const port = await takenPort();
    const folder = await fleetFolder({ sidecars: { api: serverConfig({}, asIs) } });
    const { code, stderr } = await new SidecarCommand(folder, ['run', '--inspect', String(port)]).ended();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^sidecar: the inspector can't be opened: .*EADDRINUSE/);
  });
});
