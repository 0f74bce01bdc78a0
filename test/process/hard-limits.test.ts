import { execFileSync } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SidecarConfig } from '../../src/index.js';
import { canListProcesses } from '../support/processes.js';
import { serverConfig, shellConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { watch } from '../support/watched-sidecar.js';

type Hard = NonNullable<NonNullable<SidecarConfig['resources']>['hard']>;

if (!canListProcesses) console.log('Skipped here: hard limits, which take Linux.');

/** The first CPU that this process may use. */
const cpu = canListProcesses
  ? (/: (\d+)/.exec(execFileSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8' }))?.[1] ?? '0')
  : '0';

const inShell = (script: string, hard: Hard) =>
  watch(shellConfig(`${script}; echo done; exec sleep 60`, { resources: { hard } })).start();

/** What it can't be started for. */
async function refused(hard: Hard, process: Partial<SidecarConfig['process']> = {}) {
  const watched = watch(serverConfig({}, { resources: { hard }, process })).start();
  const { reason, cause } = await watched.next('stopped');
  expect(reason).toBe('spawn-failed');
  expect(watched.all('spawned')).toEqual([]);
  watched.leavesNothing();
  if (cause?.type !== 'spawn-failed') throw new Error('another cause');
  return cause.failure;
}

describe.runIf(canListProcesses)('hard limits, seen from inside,', () => {
  it('are those that were asked for, all together, and the pid is that of the program', async () => {
    const hard = { fileDescriptors: 123, addressSpaceMB: 512, nice: 3, cpus: cpu };
    const script =
      'echo "pid $$"; ulimit -n; ulimit -Hn; ulimit -v; nice; grep Cpus_allowed_list /proc/self/status';
    const watched = inShell(script, hard);
    await watched.printed('done');
    const ownNiceness = Number(execFileSync('nice', { encoding: 'utf8' }));
    expect(watched.lines()).toEqual([
      `pid ${watched.pid}`,
      '123',
      '123',
      String(512 * 1024),
      String(Math.min(19, ownNiceness + 3)),
      `Cpus_allowed_list:\t${cpu}`,
      'done',
    ]);
    await watched.stopsCleanly();
  });

  it('are off by default', async () => {
    const watched = inShell('ulimit -n; ulimit -v; nice', {});
    await watched.printed('done');
    const own = execFileSync('sh', ['-c', 'ulimit -v; nice'], { encoding: 'utf8' }).trim().split('\n');
    expect(watched.lines().slice(1)).toEqual([...own, 'done']);
    await watched.stopsCleanly();
  });

  it('hold for a server that is healthy with them, and for each that follows it', async () => {
    const hard = { fileDescriptors: 64, nice: 1 };
    const watched = await watch(serverConfig({}, { resources: { hard } })).run();
    const limitsOf = (pid: number) =>
      execFileSync('prlimit', ['--nofile', '-o', 'SOFT,HARD', '--noheadings', '-p', String(pid)], {
        encoding: 'utf8',
      })
        .trim()
        .split(/\s+/);
    expect(limitsOf(watched.pid)).toEqual(['64', '64']);
    process.kill(watched.pid, 'SIGKILL');
    await watched.next('healthy', ({ generation }) => generation === 2);
    expect(limitsOf(watched.pid)).toEqual(['64', '64']);
    await watched.stopsCleanly();
  });
});

describe.runIf(canListProcesses)('a hard limit that can not be applied', () => {
  it('is an error that says which and what to do: more descriptors than there may be', async () => {
    const failure = await refused({ fileDescriptors: 2_000_000_000 });
    expect(failure).toMatchObject({ code: 'EPERM', permanent: true });
    expect(failure.message).toMatch(
      /^resources\.hard\.fileDescriptors can not be applied: prlimit: .*Operation not permitted \(.*ulimit -Hn/,
    );
  });

  it.each([['4095'], [`${cpu},4095`]])('or CPUs that are not there: %s', async (cpus) => {
    const { message } = await refused({ cpus });
    expect(message).toMatch(/^resources\.hard\.cpus can not be applied: .*Cpus_allowed_list/);
  });

  it('or less address space than any program needs', async () => {
    const { message } = await refused({ addressSpaceMB: 0.1 });
    expect(message).toMatch(/^resources\.hard\.addressSpaceMB can not be applied: /);
  });

  it('or a control group that can not be made', async () => {
    const cgroup = await tempFolder();
    const { message } = await refused({ memoryMB: 100, cgroup });
    expect(message).toMatch(
      /^resources\.hard\.memoryMB can not be applied: no control group can be made in /,
    );
    expect(message).toContain(cgroup);
    expect(message).toContain('resources.hard.cgroup');
  });

  it('or a launcher that is not installed', async () => {
    const { PATH } = process.env;
    onTestFinished(() => {
      process.env['PATH'] = PATH;
    });
    process.env['PATH'] = await tempFolder();
    expect(await refused({ nice: 1 })).toEqual({
      code: 'ENOENT',
      message:
        'resources.hard.nice can not be applied: it takes the program nice (of util-linux or coreutils), which was not found on PATH',
      permanent: true,
    });
  });
});

/** A launcher would turn these into an exit code. */
describe.runIf(canListProcesses)('a program that is not there is told as it is without limits', () => {
  it.each<[string, Partial<SidecarConfig['process']>]>([
    ['no program on PATH', { command: 'no-such-program-8b1e' }],
    ['no program at its path', { command: './no/such/program' }],
    ['a folder', { command: '/tmp' }],
    ['a file that is no program', { command: '/etc/passwd' }],
    ['a folder that is not there', { cwd: '/no/such/folder' }],
  ])('%s', async (_, process) => {
    const limited = await refused({ nice: 1, fileDescriptors: 100 }, process);
    expect(limited).toEqual(await refused({}, process));
  });

  it('and found where the PATH of the program leads', async () => {
    const folder = await tempFolder();
    await symlink(process.execPath, join(folder, 'my-node'));
    const { args } = serverConfig().process;
    const section = { command: 'my-node', args, env: { PATH: `${folder}:${process.env['PATH']}` } };
    const watched = await watch(
      serverConfig({}, { resources: { hard: { nice: 1 } }, process: section }),
    ).run();
    await watched.stopsCleanly();
  });
});
