import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ControlGroup } from '../../src/os/control-group.js';
import { findControlGroups } from '../../src/os/control-group-path.js';
import { tempFolder } from '../support/temp-folder.js';
import { eventually } from '../support/within.js';

const parent = await writableParent();
if (typeof parent === 'string') console.log(`Skipped here: control groups: ${parent}`);

/** A folder of the test's own in the hierarchy of cgroup v2, or why there is none. */
async function writableParent(): Promise<string | { readonly folder: string }> {
  const { unified } = findControlGroups();
  if (unified === null) return 'cgroup v2 is not mounted';
  const folder = join(unified.path, `sidecar-machine-test-${process.pid}`);
  try {
    await mkdir(folder);
    await rmdir(folder);
    return { folder };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function parentGroup(): Promise<string> {
  const folder = typeof parent === 'string' ? '' : parent.folder;
  await mkdir(folder);
  onTestFinished(() => rmdir(folder));
  return folder;
}

const anyLimit = { controller: null, limits: { 'cgroup.max.descendants': '7' } };

describe.runIf(typeof parent !== 'string')('a control group', () => {
  it('is made with its limits, holds what enters it, and is removed once that has ended', async () => {
    const group = await ControlGroup.create({ parent: await parentGroup(), ...anyLimit });
    expect(readFileSync(join(group.path, 'cgroup.max.descendants'), 'utf8')).toBe('7\n');
    const child = spawn('sh', ['-c', 'echo $$ > "$0"; echo in; exec sleep 60', `${group.path}/cgroup.procs`]);
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    await once(child.stdout, 'data');
    expect(readFileSync(join(group.path, 'cgroup.procs'), 'utf8')).toBe(`${child.pid}\n`);
    const removal = group.remove();
    child.kill('SIGKILL');
    await removal;
    expect(existsSync(group.path)).toBe(false);
  });

  it('of a host that is gone is removed when the next one is made there', async () => {
    const folder = await parentGroup();
    const gone = spawn('true');
    await once(gone, 'exit');
    const leftover = join(folder, `sidecar-machine-${gone.pid}-12345678`);
    const ours = join(folder, `sidecar-machine-${process.pid}-12345678`);
    await Promise.all([mkdir(leftover), mkdir(ours)]);
    const group = await ControlGroup.create({ parent: folder, ...anyLimit });
    expect(existsSync(leftover)).toBe(false);
    expect(existsSync(ours)).toBe(true);
    await Promise.all([group.remove(), rmdir(ours)]);
    await eventually(() => !existsSync(group.path), 'the end of the group');
  });

  it('whose limit is refused is not left behind', async () => {
    const folder = await parentGroup();
    const wrong = ControlGroup.create({
      parent: folder,
      controller: null,
      limits: { 'cgroup.max.descendants': 'many' },
    });
    await expect(wrong).rejects.toThrow(/EINVAL/);
  });

  it('says which controllers there are when the one that is wanted is not', async () => {
    const wrong = ControlGroup.create({ parent: await parentGroup(), controller: 'no-such', limits: {} });
    await expect(wrong).rejects.toThrow(/the controller no-such is not available there \(available: /);
  });
});

describe('a folder that is no control group', () => {
  it('is named', async () => {
    const folder = await tempFolder();
    const wrong = ControlGroup.create({ parent: folder, controller: 'memory', limits: {} });
    await expect(wrong).rejects.toThrow(`${folder}: ENOENT`);
  });
});
