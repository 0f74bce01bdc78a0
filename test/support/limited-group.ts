import { existsSync, rmdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ControlGroup } from '../../src/os/control-group.js';
import { findControlGroups } from '../../src/os/control-group-path.js';
import { eventually } from './within.js';

const MB = 1024 * 1024;

/** A control group with a memory limit, of cgroup v2 or v1. */
export interface LimitedGroup {
  readonly path: string;
  readonly remove: () => Promise<void>;
}

/** @throws {Error} that says why none can be made here */
export async function limitedGroup(memoryMB: number): Promise<LimitedGroup> {
  const { memoryV1 } = findControlGroups();
  if (memoryV1 !== null) return groupOfVersion1(memoryV1.path, memoryMB);
  const limits = { 'memory.max': String(memoryMB * MB) };
  const group = await ControlGroup.create({ parent: undefined, controller: 'memory', limits });
  return { path: group.path, remove: () => group.remove() };
}

async function groupOfVersion1(parent: string, memoryMB: number): Promise<LimitedGroup> {
  const path = join(parent, `sidecar-machine-test-${process.pid}-${performance.now()}`);
  await mkdir(path);
  await writeFile(join(path, 'memory.limit_in_bytes'), String(memoryMB * MB));
  // What has ended may stay in it for a moment.
  return { path, remove: () => eventually(() => isRemoved(path), `the end of ${path}`) };
}

function isRemoved(path: string): boolean {
  try {
    rmdirSync(path);
  } catch {
    // Something is still in it, or it is gone.
  }
  return !existsSync(path);
}

/** Why no such group can be made here; null when it can. */
export async function whyNoLimitedGroup(): Promise<string | null> {
  if (process.platform !== 'linux') return 'it takes Linux';
  try {
    await (await limitedGroup(100)).remove();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
