import { chmod, mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSidecar, SidecarConfigError } from '../../src/index.js';
import { serverConfig, shellConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { watch } from '../support/watched-sidecar.js';

type ProcessSection = Parameters<typeof serverConfig>[1] & object;

/** Starts what can't be started; a retry would not help, so there must be none. */
async function failsForGood(process: NonNullable<ProcessSection['process']>) {
  const watched = watch(serverConfig({}, { process })).start();
  const stopped = await watched.next('stopped');
  expect(stopped.reason).toBe('spawn-failed');
  expect(watched.all('restart-scheduled')).toEqual([]);
  expect(watched.states()).toEqual(['compiling', 'spawning', 'stopped']);
  watched.leavesNothing();
  const error = String(await watched.started);
  expect(error).toContain("did not start: it can't be started: ");
  if (stopped.cause?.type !== 'spawn-failed') throw new Error('another cause');
  expect(error).toContain(stopped.cause.failure.message);
  return stopped.cause.failure;
}

describe('a process that can not be started', () => {
  it('has no program on PATH', async () => {
    expect(await failsForGood({ command: 'no-such-program-8b1e' })).toEqual({
      code: 'ENOENT',
      message: 'process.command "no-such-program-8b1e" was not found on PATH',
      permanent: true,
    });
  });

  it('has no program at its path, which is relative to cwd', async () => {
    const folder = await tempFolder();
    const { message } = await failsForGood({ command: './bin/server', cwd: folder });
    expect(message).toBe(`process.command ${join(folder, 'bin/server')} does not exist`);
  });

  it('is not executable', async () => {
    const program = join(await tempFolder(), 'server');
    await writeFile(program, '#!/bin/sh\n', { mode: 0o644 });
    const { code, message } = await failsForGood({ command: program });
    expect(code).toBe('EACCES');
    expect(message).toContain(`process.command ${program}`);
    expect(message).toContain('is not executable');
    expect(message).toContain('chmod +x');
  });

  it('is a folder', async () => {
    const folder = await tempFolder();
    const { code, message } = await failsForGood({ command: folder });
    expect(code).toBe('EACCES');
    expect(message).toContain(folder);
  });

  it('names an interpreter that does not exist', async () => {
    const program = join(await tempFolder(), 'server');
    await writeFile(program, '#!/no/such/interpreter\n', { mode: 0o755 });
    const { message } = await failsForGood({ command: program });
    expect(message).toBe(`${program} names an interpreter in its first line that does not exist`);
  });

  it('has a cwd that does not exist', async () => {
    const cwd = join(await tempFolder(), 'missing');
    const { message } = await failsForGood({ cwd });
    expect(message).toBe(`process.cwd ${cwd} is not a folder`);
  });

  it('has a cwd that is a file', async () => {
    const cwd = join(await tempFolder(), 'file');
    await writeFile(cwd, '');
    const { message } = await failsForGood({ cwd });
    expect(message).toBe(`process.cwd ${cwd} is not a folder`);
  });

  it('has an argument that is too long for the system', async () => {
    const { code, message } = await failsForGood({ args: ['x'.repeat(3_000_000)] });
    expect(code).toBe('E2BIG');
    expect(message).toContain('are too long for the system');
  });

  it('has a NUL in an argument: an error of the configuration', () => {
    expect(() => createSidecar(serverConfig({}, { process: { args: ['a\0b'] } }))).toThrow(
      SidecarConfigError,
    );
    expect(() => createSidecar(serverConfig({}, { process: { args: ['a\0b'] } }))).toThrow(
      /process\.args\[0\]: must not contain a NUL/,
    );
  });

  it('has a NUL in a variable that its env function returns', async () => {
    const { message } = await failsForGood({ env: () => ({ NAME: 'a\0b' }) });
    expect(message).toContain('process.env() must return an object of strings: NAME: must not contain a NUL');
  });
});

describe('a process that can not be started at this moment', () => {
  it('is tried again when its file was still being written to (ETXTBSY)', async () => {
    const folder = await tempFolder();
    const program = join(folder, 'server');
    await writeFile(program, `#!/bin/sh\nexec "$@"\n`);
    await chmod(program, 0o755);
    const writing = await open(program, 'r+');

    const config = serverConfig();
    const { command, args = [] } = config.process;
    const watched = watch({
      ...config,
      process: { ...config.process, command: program, args: [command, ...args] },
    });
    watched.start();
    const { cause } = await watched.next('restart-scheduled');
    await writing.close();
    expect(cause).toEqual({
      type: 'spawn-failed',
      failure: {
        code: 'ETXTBSY',
        message: `${program} is being written to at this moment (ETXTBSY)`,
        permanent: false,
      },
    });
    await watched.next('healthy');
    expect(await watched.started).toBe('running');
    await watched.stopsCleanly();
  });

  it('can be started once its cause is gone and somebody sends START', async () => {
    const cwd = join(await tempFolder(), 'later');
    const watched = watch(serverConfig({}, { process: { cwd } })).start();
    await watched.next('stopped');
    await mkdir(cwd);
    await watched.run();
    await watched.stopsCleanly();
  });

  it('is not a process that starts and ends at once', async () => {
    // A shell tells of a missing program by its exit code.
    const watched = watch(shellConfig('no-such-program-8b1e', { process: { maxRestarts: 0 } })).start();
    const { exit } = await watched.next('stopped');
    expect(exit?.code).toBe(127);
    expect(exit?.tail.join('\n')).toContain('no-such-program-8b1e');
  });
});
