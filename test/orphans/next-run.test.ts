import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SidecarHeldError } from '../../src/index.js';
import { HostProcess } from '../host/host-process.js';
import { rejection } from '../support/outcome.js';
import { canListProcesses, isAlive } from '../support/processes.js';
import { serverConfig } from '../support/server-config.js';
import { canMount, smallDisk } from '../support/small-disk.js';
import { tempFolder } from '../support/temp-folder.js';
import { watch } from '../support/watched-sidecar.js';
import { eventually } from '../support/within.js';

type Server = Parameters<typeof serverConfig>[0];

const named = (stateDirectory: string, server: Server = {}, takeover = false) =>
  serverConfig(server, { name: 'api', stateDirectory, takeover, process: { stopTimeout: 300 } });

/** A host whose sidecar outlives it: the watchdog is killed first, and the host can't replace it. */
async function leaveOrphan(
  stateDirectory: string,
  server: Server,
): Promise<{ host: HostProcess; pids: number[] }> {
  const host = new HostProcess({ config: named(stateDirectory, server), does: 'stay' });
  await host.printed('ready');
  host.signal('SIGSTOP');
  process.kill(host.watchdog(), 'SIGKILL');
  host.signal('SIGKILL');
  await host.exit;
  const pids = host.processes().map(({ pid }) => pid);
  expect(pids.length).toBeGreaterThan(0);
  return { host, pids };
}

describe.runIf(canListProcesses)('what an earlier run left', () => {
  it.each([
    ['and killed', { ignoreTerm: true, grandchildren: 1, grandchildrenIgnoreTerm: true }, 'killed'],
    ['and whoever left its group', { setsidGrandchild: true }, 'terminated'],
  ] as const)('is asked to end %s, before another process is started', async (_, server, outcome) => {
    const folder = await tempFolder();
    const { host, pids } = await leaveOrphan(join(folder, 'api'), server);
    expect(pids).toHaveLength(2);
    const watched = watch(named(join(folder, 'api')));
    let leftAtSpawn = -1;
    watched.sidecar.on('spawned', () => {
      leftAtSpawn = host.processes().length;
    });
    await watched.run();
    const [ended] = watched.all('orphan-ended');
    expect(ended).toMatchObject({ command: process.execPath, outcome });
    expect(pids).toContain(ended?.pid);
    expect(leftAtSpawn).toBe(0);
    await watched.stopsCleanly();
    expect(await readdir(join(folder, 'api'))).toEqual(['journal.jsonl', 'ledger.2.jsonl']);
  });

  it('is not taken for a process that has its pid by now', async () => {
    const folder = await tempFolder();
    const { host, pids } = await leaveOrphan(join(folder, 'one'), {});
    const [pid = 0] = pids;
    const dead = { pid: 2 ** 22 + 1, startTime: '1', bootId: null, command: 'node' };
    const sidecar = { pid, startTime: '1', bootId: null, command: './api', mark: 'other', generation: 1 };
    await mkdir(join(folder, 'two'), { mode: 0o700 });
    await writeFile(
      join(folder, 'two', 'ledger.1.jsonl'),
      JSON.stringify({ version: 1, host: dead, sidecar }),
    );
    const watched = await watch(named(join(folder, 'two'))).run();
    expect(watched.all('orphan-ended')).toEqual([]);
    expect(isAlive(pid)).toBe(true);
    await watched.stopsCleanly();
    process.kill(pid, 'SIGKILL');
    await eventually(() => host.processes().length === 0, 'the end of the orphan');
  });
});

describe.runIf(process.platform !== 'win32')('a sidecar that another program runs', () => {
  it('is refused, by the name of that program, until it has stopped it', async () => {
    const folder = await tempFolder();
    const host = new HostProcess({ config: named(folder), does: 'stay', onSigint: 'stop' });
    await host.printed('ready');
    const watched = watch(named(folder));
    const error = await rejection(watched.sidecar.start());
    expect(error).toBeInstanceOf(SidecarHeldError);
    expect(error).toMatchObject({ reason: 'spawn-failed', holder: { pid: host.pid } });
    expect(error.message).toMatch(
      new RegExp(`another program \\(pid ${host.pid}: node .*host\\.js\\) runs the sidecar "api"`),
    );
    expect(host.isRunning).toBe(true);
    expect(watched.all('spawned')).toEqual([]);
    host.signal('SIGINT');
    await host.printed('stopped');
    await watched.run();
    await watched.stopsCleanly();
  });

  it('is taken over: that program stops it in good order, and does not start it again', async () => {
    const folder = await tempFolder();
    const host = new HostProcess({ config: named(folder), does: 'stay' });
    await host.printed('ready');
    const watched = await watch(named(folder, {}, true)).run();
    await host.printed('state stopped');
    expect(host.lines).toContain('stopped because taken');
    expect(host.lines.filter((line) => line === 'state spawning')).toHaveLength(1);
    expect(watched.all('orphan-ended')).toEqual([]);
    expect(watched.sidecar.status().state).toBe('running');
    await watched.stopsCleanly();
  });

  it.runIf(canListProcesses)(
    'is taken over from a program that hangs, which then leaves it alone',
    async () => {
      const folder = await tempFolder();
      const config = named(folder);
      const host = new HostProcess({ config, does: 'stay' });
      await host.printed('ready');
      host.signal('SIGSTOP');
      const thief = named(folder, {}, true);
      const watched = await watch({ ...thief, process: { ...thief.process, killTimeout: 300 } }).run();
      expect(watched.all('orphan-ended')).toHaveLength(1);
      host.signal('SIGCONT');
      await host.printed('stopped because taken');
      expect(host.processes()).toHaveLength(1);
      await watched.stopsCleanly();
    },
  );

  it('is refused within one program, too', async () => {
    const folder = await tempFolder();
    const first = await watch(named(folder)).run();
    const error = await rejection(watch(named(folder)).sidecar.start());
    expect(error.message).toContain('this program already runs the sidecar "api"');
    await first.stopsCleanly();
  });

  it('is started by exactly one of several programs that try at once', async () => {
    const folder = await tempFolder();
    const hosts = Array.from({ length: 4 }, () => new HostProcess({ config: named(folder), does: 'stay' }));
    const results = await Promise.all(
      hosts.map((host) =>
        Promise.race([
          host.printed('ready').then(() => 'ready'),
          host.exit.then(() => host.lines.find((line) => line.includes('SidecarHeldError')) ?? 'ended'),
        ]),
      ),
    );
    expect(results.filter((result) => result === 'ready')).toHaveLength(1);
    expect(results.filter((result) => result.includes('SidecarHeldError'))).toHaveLength(3);
    for (const host of hosts) host.signal('SIGTERM');
    await Promise.all(hosts.map((host) => host.ended()));
  });
});

describe.runIf(process.platform !== 'win32')('a state directory that can’t be used', () => {
  it('is told, and the sidecar runs', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'file'), '');
    const watched = await watch(named(join(folder, 'file', 'api'))).run();
    // Of each other they know nothing, so either may be first.
    expect(
      watched
        .all('warning')
        .map(({ message }) => message)
        .toSorted(),
    ).toEqual([
      expect.stringContaining("journal.jsonl can't be written: ENOTDIR"),
      expect.stringContaining("the state directory can't be used: ENOTDIR"),
    ]);
    await watched.stopsCleanly();
  });

  it('because what stands there is damaged, is told, and the sidecar runs', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'ledger.1.jsonl'), '{"version":1,"host":{"pid":');
    const watched = await watch(named(folder)).run();
    expect(watched.all('warning')).toMatchObject([
      { message: expect.stringContaining("ledger.1.jsonl can't be understood") },
    ]);
    await watched.stopsCleanly();
  });

  it.runIf(canMount)('because the disk is full, is told, and the sidecar runs', async () => {
    const disk = await smallDisk();
    disk.fill();
    const watched = await watch(named(disk.folder)).run();
    // The ledger, and what cannot be noted of this run in the journal.
    const warnings = watched.all('warning').map(({ message }) => message);
    expect(warnings.filter((message) => message.includes('ENOSPC'))).toHaveLength(2);
    expect(warnings).toHaveLength(2);
    await watched.stopsCleanly();
  });
});
