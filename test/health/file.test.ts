import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFileCheck } from '../../src/health/file.js';
import { checkedProcess, longDeadline } from '../support/checked-process.js';
import { shellConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { watch } from '../support/watched-sidecar.js';
import { within } from '../support/within.js';

const ready = { type: 'file', path: 'ready' } as const;

describe('the check of a file', () => {
  it('passes while it is there, relative to the folder of the process', async () => {
    const cwd = await tempFolder();
    const check = createFileCheck(ready, checkedProcess(null, { process: { cwd } }));
    expect(check.name).toBe(`the file ${cwd}/ready`);
    await expect(check.run(longDeadline())).rejects.toThrow('it is not there');
    await writeFile(join(cwd, 'ready'), '');
    await check.run(longDeadline());
    await rm(join(cwd, 'ready'));
    await expect(check.run(longDeadline())).rejects.toThrow('it is not there');
  });

  it('says when it can not be looked at', async () => {
    const cwd = await tempFolder();
    await writeFile(join(cwd, 'file'), '');
    const check = createFileCheck(
      { type: 'file', path: 'file/ready' },
      checkedProcess(null, { process: { cwd } }),
    );
    await expect(check.run(longDeadline())).rejects.toThrow('ENOTDIR');
  });

  it.each(['ready', 'later/ready'])('tells when %s may have come', async (path) => {
    const cwd = await tempFolder();
    const check = createFileCheck({ type: 'file', path }, checkedProcess(null, { process: { cwd } }));
    let stop = () => {};
    const passed = new Promise<void>((resolve) => {
      stop = check.watch?.(() => void check.run(longDeadline()).then(resolve, () => {})) ?? stop;
    });
    await mkdir(join(cwd, 'later'));
    await writeFile(join(cwd, path), '');
    await within(passed, () => 'the file');
    stop();
  });

  it('does not believe the file of an earlier start', async () => {
    const cwd = await tempFolder();
    await writeFile(join(cwd, 'ready'), 'stale');
    const watched = watch(
      shellConfig('exec sleep 300', { process: { cwd }, healthCheck: { liveness: ready } }),
    ).start();
    await watched.next(
      'health-checked',
      ({ report }) => !report.passed && report.error === 'it is not there',
    );
    expect(watched.all('health-checked').some(({ report }) => report.passed)).toBe(false);
    await watched.stopsCleanly();
  });

  it('makes a sidecar healthy, and each incarnation anew', async () => {
    const cwd = await tempFolder();
    const watched = await watch(
      shellConfig('echo $$ > ready; exec sleep 300', { process: { cwd }, healthCheck: { liveness: ready } }),
    ).run();
    process.kill(watched.pid, 'SIGKILL');
    await watched.next('healthy', ({ generation }) => generation === 2);
    await watched.stopsCleanly();
  });
});
